#pragma once

#include "run/explore_session.h"

#include <QColor>
#include <QString>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace apiary::widgets {

/// Before the key of an encoder in approximate mode.
inline constexpr auto approximatePrefix = "int8:";

enum class ColumnKind { Base, Tuned, Interactions, Other };

/// A column of Explore: whose neighbours it lists.
struct ExploreColumn {
    std::string key; ///< "base", "tuned", "interactions"; of others "run:3", "folder:/path", "int8:folder:/path"
    ColumnKind kind = ColumnKind::Other;
    QString name;                 ///< of others: "all-mpnet-base-v2"
    std::filesystem::path folder; ///< of others
    int colour = 0;               ///< of others: index of Theme::run()
    bool approximate = false;     ///< of others: by matrices of whole numbers; its name says so
    /// Null for interactions, and while it is not there.
    std::shared_ptr<const run::ExploreEncoder> encoder;
};
using ExploreColumns = std::vector<ExploreColumn>;

/// One of the three columns that every run has.
ExploreColumn ownColumn(ColumnKind kind);
/// "base encoder", "tuned encoder", "interactions", or the encoder's name.
QString columnName(const ExploreColumn &column);
/// As short as it can be said: "base", "tuned", "interactions", or the name.
QString shortColumnName(const ExploreColumn &column);
/// The same on every page: grey, orange, blue, and a colour of its own for each further encoder.
QColor columnColour(const ExploreColumn &column);
/// Place of a key; −1 where no column has it.
int placeOf(const ExploreColumns &columns, const std::string &key);

/// What rank moves are counted against.
enum class MoveReference { Base, Left };

/// What a project remembers of Explore: which columns in which order, and the reference of moves. Unknown or broken
/// text gives the default: base, tuned, interactions.
struct ColumnChoice {
    ExploreColumns columns;
    MoveReference reference = MoveReference::Base;
};
ColumnChoice parseChoice(const std::string &json);
std::string toJson(const ColumnChoice &choice);

} // namespace apiary::widgets
