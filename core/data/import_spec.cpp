#include "data/import_spec.h"

#include "data/names.h"

#include <nlohmann/json.hpp>

namespace apiary::data {

namespace {

using Json = nlohmann::ordered_json;

constexpr Names<TimeUnit, 5> units{{{TimeUnit::Auto, "auto"},
                                    {TimeUnit::Seconds, "s"},
                                    {TimeUnit::Milliseconds, "ms"},
                                    {TimeUnit::Microseconds, "us"},
                                    {TimeUnit::Iso, "iso"}}};
constexpr Names<Duplicates, 5> policies{{{Duplicates::Last, "last"},
                                         {Duplicates::First, "first"},
                                         {Duplicates::Sum, "sum"},
                                         {Duplicates::Any, "any"},
                                         {Duplicates::Error, "error"}}};

Json formatJson(const TableFormat &format)
{
    Json json{{"kind", nameOf(format.kind)}, {"encoding", nameOf(format.encoding)}, {"delimiter", format.delimiter}};
    if (format.header)
        json["header"] = *format.header;
    if (format.quotes)
        json["quotes"] = *format.quotes;
    if (!format.columns.empty())
        json["columns"] = format.columns;
    return json;
}

/// Takes the fields of an object one by one; what is left over is an error.
class Fields {
public:
    Fields(const Json &json, std::string where) : m_json(json), m_where(std::move(where))
    {
        if (!m_json.is_object())
            throw InputError("expected an object", m_where, "see what `apiary-cli import --json` prints");
    }

    template <typename T>
    void take(const char *name, T &value)
    {
        const auto found = m_json.find(name);
        if (found == m_json.end())
            return;
        try {
            value = found->template get<T>();
        } catch (const Json::exception &) {
            throw InputError("is of the wrong type", at(name), "see what `apiary-cli import --json` prints");
        }
        m_json.erase(name);
    }
    template <typename T>
    void take(const char *name, std::optional<T> &value)
    {
        if (!m_json.contains(name))
            return;
        T inner{};
        take(name, inner);
        value = inner;
    }
    void take(const char *name, std::filesystem::path &path)
    {
        std::string text = path.string();
        take(name, text);
        path = text;
    }
    /// The object of that name, empty where there is none.
    Json object(const char *name)
    {
        Json inner = Json::object();
        take(name, inner);
        return inner;
    }
    std::string at(const std::string &name) const { return m_where + ", " + name; }
    void done() const
    {
        if (!m_json.empty())
            throw InputError("there is no such field", at(m_json.begin().key()), "remove it");
    }

private:
    Json m_json;
    std::string m_where;
};

TableFormat formatOf(const Json &json, const std::string &where)
{
    TableFormat format;
    Fields fields(json, where);
    std::string kind = "auto", encoding = "auto";
    fields.take("kind", kind);
    fields.take("encoding", encoding);
    format.kind = fileKindOf(kind, fields.at("kind"));
    format.encoding = encodingOf(encoding, fields.at("encoding"));
    fields.take("delimiter", format.delimiter);
    fields.take("header", format.header);
    fields.take("quotes", format.quotes);
    fields.take("columns", format.columns);
    fields.done();
    return format;
}

void readInteractions(const Json &json, InteractionsSource &source, const std::string &where)
{
    Fields fields(json, where);
    fields.take("file", source.file);
    source.format = formatOf(fields.object("format"), fields.at("format"));
    fields.take("user", source.user);
    fields.take("item", source.item);
    fields.take("rating", source.rating);
    fields.take("time", source.time);
    std::string unit = "auto";
    fields.take("timeUnit", unit);
    source.timeUnit = timeUnitOf(unit, fields.at("timeUnit"));
    fields.done();
}

void readItems(const Json &json, ItemsSource &source, const std::string &where)
{
    Fields fields(json, where);
    fields.take("file", source.file);
    source.format = formatOf(fields.object("format"), fields.at("format"));
    fields.take("id", source.id);
    fields.take("title", source.title);
    fields.take("titleTemplate", source.titleTemplate);
    fields.take("descriptions", source.descriptions);
    source.descriptionsFormat = formatOf(fields.object("descriptionsFormat"), fields.at("descriptionsFormat"));
    fields.take("descriptionsId", source.descriptionsId);
    fields.take("textTemplate", source.textTemplate);
    Fields cleaning(fields.object("cleaning"), fields.at("cleaning"));
    cleaning.take("entities", source.cleaning.entities);
    cleaning.take("tags", source.cleaning.tags);
    cleaning.take("quotes", source.cleaning.quotes);
    cleaning.take("refusals", source.cleaning.refusals);
    cleaning.done();
    fields.take("allColumns", source.allColumns);
    fields.done();
}

void readFilter(const Json &json, ImportFilter &filter, const std::string &where)
{
    Fields fields(json, where);
    std::string duplicates = "last";
    fields.take("duplicates", duplicates);
    filter.duplicates = duplicatesOf(duplicates, fields.at("duplicates"));
    fields.take("minRating", filter.minRating);
    fields.take("minItem", filter.minItem);
    fields.take("minUser", filter.minUser);
    fields.take("kCore", filter.kCore);
    fields.done();
}

} // namespace

std::string nameOf(TimeUnit unit)
{
    return nameIn(units, unit);
}

std::string nameOf(Duplicates policy)
{
    return nameIn(policies, policy);
}

TimeUnit timeUnitOf(const std::string &name, const std::string &field)
{
    return valueIn(units, name, field);
}

Duplicates duplicatesOf(const std::string &name, const std::string &field)
{
    return valueIn(policies, name, field);
}

nlohmann::ordered_json toJson(const ImportSpec &spec)
{
    const InteractionsSource &interactions = spec.interactions;
    const ItemsSource &items = spec.items;
    Json json{{"name", spec.name}, {"recipe", spec.recipe}};
    json["interactions"] = {{"file", interactions.file.string()},
                            {"format", formatJson(interactions.format)},
                            {"user", interactions.user},
                            {"item", interactions.item},
                            {"rating", interactions.rating},
                            {"time", interactions.time},
                            {"timeUnit", nameOf(interactions.timeUnit)}};
    json["items"] = {{"file", items.file.string()},
                     {"format", formatJson(items.format)},
                     {"id", items.id},
                     {"title", items.title},
                     {"titleTemplate", items.titleTemplate},
                     {"descriptions", items.descriptions.string()},
                     {"descriptionsFormat", formatJson(items.descriptionsFormat)},
                     {"descriptionsId", items.descriptionsId},
                     {"textTemplate", items.textTemplate},
                     {"cleaning",
                      {{"entities", items.cleaning.entities},
                       {"tags", items.cleaning.tags},
                       {"quotes", items.cleaning.quotes},
                       {"refusals", items.cleaning.refusals}}},
                     {"allColumns", items.allColumns}};
    Json filter{{"duplicates", nameOf(spec.filter.duplicates)}};
    if (spec.filter.minRating)
        filter["minRating"] = *spec.filter.minRating;
    filter["minItem"] = spec.filter.minItem;
    filter["minUser"] = spec.filter.minUser;
    filter["kCore"] = spec.filter.kCore;
    json["filter"] = std::move(filter);
    json["guess"] = spec.guess;
    json["strict"] = spec.strict;
    json["maxBadShare"] = spec.maxBadShare;
    return json;
}

ImportSpec importSpecOf(const nlohmann::ordered_json &json, const std::string &where)
{
    ImportSpec spec;
    Fields fields(json, where);
    fields.take("name", spec.name);
    fields.take("recipe", spec.recipe);
    readInteractions(fields.object("interactions"), spec.interactions, fields.at("interactions"));
    readItems(fields.object("items"), spec.items, fields.at("items"));
    readFilter(fields.object("filter"), spec.filter, fields.at("filter"));
    fields.take("guess", spec.guess);
    fields.take("strict", spec.strict);
    fields.take("maxBadShare", spec.maxBadShare);
    fields.done();
    return spec;
}

} // namespace apiary::data
