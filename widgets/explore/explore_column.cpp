#include "widgets/explore/explore_column.h"

#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <nlohmann/json.hpp>

namespace apiary::widgets {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("ExploreColumn", text);
}

constexpr std::pair<ColumnKind, const char *> ownKeys[] = {
    {ColumnKind::Base, "base"}, {ColumnKind::Tuned, "tuned"}, {ColumnKind::Interactions, "interactions"}};

} // namespace

ExploreColumn ownColumn(ColumnKind kind)
{
    ExploreColumn column;
    column.kind = kind;
    for (const auto &[own, key] : ownKeys)
        if (own == kind)
            column.key = key;
    return column;
}

QString columnName(const ExploreColumn &column)
{
    switch (column.kind) {
    case ColumnKind::Base:
        return tr("base encoder");
    case ColumnKind::Tuned:
        return tr("tuned encoder");
    case ColumnKind::Interactions:
        return tr("interactions");
    case ColumnKind::Other:
        break;
    }
    return column.name;
}

QString shortColumnName(const ExploreColumn &column)
{
    switch (column.kind) {
    case ColumnKind::Base:
        return tr("base");
    case ColumnKind::Tuned:
        return tr("tuned");
    default:
        return columnName(column);
    }
}

QColor columnColour(const ExploreColumn &column)
{
    const Theme &theme = Theme::instance();
    switch (column.kind) {
    case ColumnKind::Base:
        return theme.baseline();
    case ColumnKind::Tuned:
        return theme.tuned();
    case ColumnKind::Interactions:
        return theme.interactions();
    case ColumnKind::Other:
        break;
    }
    return theme.run(column.colour);
}

int placeOf(const ExploreColumns &columns, const std::string &key)
{
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i].key == key)
            return static_cast<int>(i);
    return -1;
}

ColumnChoice parseChoice(const std::string &json)
{
    ColumnChoice choice;
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    if (parsed.is_object() && parsed.contains("columns") && parsed["columns"].is_array())
        for (const auto &entry : parsed["columns"]) {
            if (!entry.is_object() || !entry.contains("key") || !entry["key"].is_string())
                continue;
            ExploreColumn column;
            column.key = entry["key"].get<std::string>();
            for (const auto &[own, key] : ownKeys)
                if (column.key == key)
                    column.kind = own;
            if (entry.contains("name") && entry["name"].is_string())
                column.name = QString::fromStdString(entry["name"].get<std::string>());
            const bool other = column.key.starts_with("folder:") || column.key.starts_with("run:") ||
                               column.key.starts_with(approximatePrefix);
            if ((column.kind != ColumnKind::Other || other) && placeOf(choice.columns, column.key) < 0)
                choice.columns.push_back(std::move(column));
        }
    if (choice.columns.empty())
        for (const auto &[kind, key] : ownKeys)
            choice.columns.push_back(ownColumn(kind));
    if (parsed.is_object() && parsed.value("moves", nlohmann::json()) == "left")
        choice.reference = MoveReference::Left;
    return choice;
}

std::string toJson(const ColumnChoice &choice)
{
    nlohmann::ordered_json json;
    json["columns"] = nlohmann::ordered_json::array();
    for (const auto &column : choice.columns) {
        nlohmann::ordered_json entry{{"key", column.key}};
        if (column.kind == ColumnKind::Other)
            entry["name"] = column.name.toStdString();
        json["columns"].push_back(std::move(entry));
    }
    json["moves"] = choice.reference == MoveReference::Left ? "left" : "base";
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace apiary::widgets
