#pragma once

#include "data/table_format.h"
#include "data/text_cleaning.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace apiary::data {

/// What the numbers of a time column count, since 1970. Auto: ISO dates where the first rows hold them, else by size:
/// from 10¹¹ up milliseconds, from 10¹⁴ up microseconds.
enum class TimeUnit { Auto, Seconds, Milliseconds, Microseconds, Iso };

/// What becomes of a pair of user and item that stands more than once.
enum class Duplicates {
    Last,  ///< the latest in time counts, or the last row where times are equal or absent
    First, ///< the earliest in time, or the first row
    Sum,   ///< ratings add up (rows without a rating count 1 each); the time is the latest
    Any,   ///< the highest rating counts, so that the pair passes a threshold if any of its rows does; the latest time
    Error, ///< the import fails and names both lines
};

/// A file of interactions. Empty columns are guessed from the preview where the spec is completed, see completed().
struct InteractionsSource {
    std::filesystem::path file; ///< may lead into a zip, see RowReader
    TableFormat format;
    std::string user;
    std::string item;
    std::string rating; ///< empty: every row counts
    std::string time;   ///< empty: none
    TimeUnit timeUnit = TimeUnit::Auto;
};

/// A file of items, and perhaps one with more of their columns.
struct ItemsSource {
    std::filesystem::path file;
    TableFormat format;
    std::string id;
    std::string title;         ///< column; empty: the ids are the titles
    std::string titleTemplate; ///< "{title} ({year})"; where it is set, `title` is not read
    std::filesystem::path
        descriptions; ///< empty: none. Joins by id; a column that the items have too is descriptions.NAME
    TableFormat descriptionsFormat;
    std::string descriptionsId;
    std::string textTemplate; ///< "{title}. {description}", see text_template.h
    Cleaning cleaning;        ///< of the columns that the templates name
    bool allColumns = true;   ///< keep every column beside the text; false: those of the templates only
};

/// Applied in this order; 0 or nothing leaves a step out.
struct ImportFilter {
    Duplicates duplicates = Duplicates::Last;
    std::optional<double> minRating;
    int minItem = 0;    ///< interactions that an item needs
    int minUser = 0;    ///< interactions that a user needs
    bool kCore = false; ///< both counted again until all that are left have enough; else items once, then users once
};

/// How a dataset is made of files.
struct ImportSpec {
    std::string name;
    std::string recipe; ///< the known dataset that this is, or empty
    InteractionsSource interactions;
    ItemsSource items;
    ImportFilter filter;
    bool guess = true;         ///< whether completed() guesses columns and the template where they are empty
    bool strict = false;       ///< the first bad row is an error
    double maxBadShare = 0.05; ///< more bad rows of a file than this share are an error: the format is probably wrong
};

std::string nameOf(TimeUnit unit);     ///< "auto", "s", "ms", "us", "iso"
std::string nameOf(Duplicates policy); ///< "last", "first", "sum", "any", "error"
TimeUnit timeUnitOf(const std::string &name, const std::string &field);
Duplicates duplicatesOf(const std::string &name, const std::string &field);

/// How an import is done, as dataset.json keeps it.
nlohmann::ordered_json toJson(const ImportSpec &spec);
/// Throws InputError with `where` and the field.
ImportSpec importSpecOf(const nlohmann::ordered_json &json, const std::string &where);

} // namespace apiary::data
