#include "base/cancel.h"
#include "base/error.h"
#include "data/csv_table.h"
#include "data/scenario_parts.h"
#include "data/strings.h"
#include "hub/durable.h"
#include "hub/sha256.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <unordered_map>

namespace apiary::data {

namespace {

namespace fs = std::filesystem;

constexpr const char *descriptionFile = "split.json";
constexpr int formatVersion = 1;

std::string field(const std::string &value)
{
    if (value.find_first_of(",\"\r\n") == std::string::npos)
        return value;
    std::string out = "\"";
    for (const char c : value)
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
}

std::string pairList(const std::vector<std::int32_t> &users, const Csr &rows, const Interactions &interactions)
{
    std::string text = "user,item\n";
    for (std::size_t i = 0; i < users.size(); ++i) {
        const std::string user = field(interactions.users[static_cast<std::size_t>(users[i])]);
        for (const std::int32_t item : rows.view().row(static_cast<std::int64_t>(i)))
            text += user + "," + field(interactions.items[static_cast<std::size_t>(item)]) + "\n";
    }
    return text;
}

std::string itemList(const std::vector<std::int32_t> &items, const Interactions &interactions)
{
    std::string text = "item\n";
    for (const std::int32_t item : items)
        text += field(interactions.items[static_cast<std::size_t>(item)]) + "\n";
    return text;
}

/// Hands over one list after the other, in the order of the hash.
template <typename Take>
void eachList(const Scenario &scenario, const Interactions &interactions, Take take)
{
    take("training.csv", pairList(scenario.trainingUsers, scenario.training, interactions));
    for (const auto &[task, what] :
         {std::pair{&scenario.validation, std::string("validation")}, std::pair{&scenario.test, std::string("test")}}) {
        take(what + "_sources.csv", pairList(task->users, task->sources, interactions));
        take(what + "_targets.csv", pairList(task->users, task->targets, interactions));
        take(what + "_candidates.csv", itemList(task->candidates, interactions));
    }
}

std::string description(const Scenario &scenario)
{
    nlohmann::ordered_json json;
    json["apiarySplit"] = formatVersion;
    json["kind"] = name(scenario.kind);
    json["hash"] = scenario.hash;
    json["trainingUsers"] = scenario.trainingUsers.size();
    json["trainingInteractions"] = scenario.training.columns.size();
    json["validationUsers"] = scenario.validation.users.size();
    json["testUsers"] = scenario.test.users.size();
    return json.dump(2) + "\n";
}

/// The hash that a folder's split.json names; empty where it has none.
std::string hashOf(const fs::path &folder)
{
    const fs::path file = folder / descriptionFile;
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return {};
    const auto json = nlohmann::json::parse(std::string{std::istreambuf_iterator<char>(in), {}}, nullptr, false);
    if (!json.is_object())
        throw InputError("this is not JSON", file.string(), "restore the file, or remove it");
    if (json.value("apiarySplit", 0) > formatVersion)
        throw InputError("a later version of Apiary wrote this split", file.string(), "update Apiary");
    return json.contains("hash") && json["hash"].is_string() ? json["hash"].get<std::string>() : std::string();
}

using Numbers = std::unordered_map<std::string_view, std::int32_t>;

Numbers numbered(const std::vector<std::string> &ids)
{
    Numbers numbers;
    numbers.reserve(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i)
        numbers.emplace(ids[i], static_cast<std::int32_t>(i));
    return numbers;
}

/// Reads lists of ids against a dataset.
class ListReader {
public:
    ListReader(fs::path folder, const Interactions &interactions, const std::stop_token &stop)
        : m_folder(std::move(folder))
        , m_rows(interactions.csr)
        , m_ids(interactions.users)
        , m_users(numbered(interactions.users))
        , m_items(numbered(interactions.items))
        , m_stop(stop)
    {
    }

    bool has(const std::string &name) const { return fs::exists(m_folder / name); }

    /// Fills the rows of the users that the list names, in the dataset's order.
    void pairs(const std::string &name, std::vector<std::int32_t> &users, Csr &rows) const
    {
        const CsvTable table = open(name, {"user", "item"});
        const TextColumn userColumn = table.column("user"), itemColumn = table.column("item");
        std::vector<std::pair<std::int32_t, std::int32_t>> pairs;
        pairs.reserve(static_cast<std::size_t>(table.rows()));
        for (std::int64_t r = 0; r < table.rows(); ++r) {
            poll(r);
            const auto user = find(m_users, userColumn[r], table, r, "user");
            const auto item = find(m_items, itemColumn[r], table, r, "item");
            const auto row = m_rows.row(user);
            if (!std::binary_search(row.begin(), row.end(), item))
                throw InputError("the dataset does not hold this interaction, or the filter left it out",
                                 table.where(r),
                                 "take the split's own dataset and lower filter.minRating or "
                                 "filter.minUserInteractions, or remove the line");
            pairs.emplace_back(user, item);
        }
        std::sort(pairs.begin(), pairs.end());
        if (const auto twice = std::adjacent_find(pairs.begin(), pairs.end()); twice != pairs.end())
            throw InputError("the interaction stands a second time",
                             table.where(lastRow(table, twice->first, twice->second)), "keep one line");
        rows.cols = m_rows.cols;
        for (const auto &[user, item] : pairs) {
            if (users.empty() || users.back() != user) {
                users.push_back(user);
                rows.addRow({});
            }
            rows.columns.push_back(item);
            rows.offsets.back() = static_cast<std::int64_t>(rows.columns.size());
        }
    }

    std::string place(const std::string &name, std::int32_t user, std::int32_t item) const
    {
        const CsvTable table = open(has(name) ? name : "training.csv", {"user", "item"});
        return table.where(lastRow(table, user, item));
    }

    /// Names the first user who stands in one of a task's lists only.
    [[noreturn]] void failUsers(const std::string &what, const std::vector<std::int32_t> &sources,
                                const std::vector<std::int32_t> &targets) const
    {
        std::vector<std::int32_t> one;
        std::set_symmetric_difference(sources.begin(), sources.end(), targets.begin(), targets.end(),
                                      std::back_inserter(one));
        const bool source = std::binary_search(sources.begin(), sources.end(), one.front());
        const std::string has = what + (source ? "_sources.csv" : "_targets.csv");
        const std::string lacks = what + (source ? "_targets.csv" : "_sources.csv");
        throw InputError(lacks + " has other users: it lacks user \"" + m_ids[static_cast<std::size_t>(one.front())] +
                             "\"",
                         place(has, one.front(), -1), "give every user of a task at least one source and one target");
    }

    std::vector<std::int32_t> items(const std::string &name) const
    {
        if (!has(name))
            return allItems(m_rows.cols);
        const CsvTable table = open(name, {"item"});
        const TextColumn column = table.column("item");
        std::vector<char> seen(static_cast<std::size_t>(m_rows.cols));
        for (std::int64_t r = 0; r < table.rows(); ++r) {
            poll(r);
            if (seen[static_cast<std::size_t>(find(m_items, column[r], table, r, "item"))]++)
                throw InputError("the item stands a second time", table.where(r, "item"), "keep one line");
        }
        std::vector<std::int32_t> items;
        for (std::int32_t item = 0; item < m_rows.cols; ++item)
            if (seen[static_cast<std::size_t>(item)])
                items.push_back(item);
        return items;
    }

private:
    CsvTable open(const std::string &name, const std::vector<std::string> &columns) const
    {
        if (!has(name))
            throw InputError("there is no such file", (m_folder / name).string(),
                             "a ready-made split needs training.csv, validation_targets.csv and test_targets.csv");
        return CsvTable::read(m_folder / name, {}, columns, false, m_stop);
    }

    static std::int32_t find(const Numbers &numbers, std::string_view cell, const CsvTable &table, std::int64_t row,
                             const char *column)
    {
        const std::string_view id = trimmed(cell);
        const auto number = numbers.find(id);
        if (number == numbers.end())
            throw InputError(std::string("the dataset has no ") + column + " \"" + std::string(id) + "\"",
                             table.where(row, column), "take the split's own dataset, or lower its filter");
        return number->second;
    }

    /// The last row of the pair, or of the user where the item is −1.
    std::int64_t lastRow(const CsvTable &table, std::int32_t user, std::int32_t item) const
    {
        const TextColumn users = table.column("user"), items = table.column("item");
        const auto is = [](const Numbers &numbers, std::string_view cell, std::int32_t wanted) {
            const auto number = numbers.find(trimmed(cell));
            return number != numbers.end() && number->second == wanted;
        };
        std::int64_t last = table.rows() - 1;
        while (last > 0 && !(is(m_users, users[last], user) && (item < 0 || is(m_items, items[last], item))))
            --last;
        return last;
    }

    void poll(std::int64_t row) const
    {
        if (row % (1 << 15) == 0)
            throwIfStopped(m_stop);
    }

    fs::path m_folder;
    CsrView m_rows;
    const std::vector<std::string> &m_ids; ///< of users
    Numbers m_users;
    Numbers m_items;
    const std::stop_token &m_stop;
};

/// The training rows of the users of a task; users without any get an empty row, which the check then names.
Csr trainedRows(const std::vector<std::int32_t> &users, const Scenario &scenario)
{
    Csr rows;
    rows.cols = scenario.training.cols;
    for (const std::int32_t user : users) {
        const auto &known = scenario.trainingUsers;
        const auto place = std::lower_bound(known.begin(), known.end(), user);
        rows.addRow(place != known.end() && *place == user ? scenario.training.view().row(place - known.begin())
                                                           : std::span<const std::int32_t>());
    }
    return rows;
}

} // namespace

std::string rowPlace(const fs::path &folder, const Interactions &interactions, const std::string &list,
                     std::int32_t user, std::int32_t item)
{
    const std::stop_token never;
    return ListReader(folder, interactions, never).place(list, user, item);
}

std::string scenarioHash(const Scenario &scenario, const Interactions &interactions)
{
    hub::Sha256 hash;
    eachList(scenario, interactions, [&hash](const std::string &name, const std::string &text) {
        hash.update(name + " " + std::to_string(text.size()) + "\n");
        hash.update(text);
    });
    return hash.hex();
}

void saveScenario(const Scenario &scenario, const Interactions &interactions, const fs::path &folder)
{
    std::error_code ignored;
    if (fs::exists(folder, ignored)) {
        if (fs::is_directory(folder, ignored) && hashOf(folder) == scenario.hash)
            return;
        throw InputError("there is something else already", folder.string(), "choose another folder");
    }
    const fs::path parent = fs::absolute(folder).parent_path();
    hub::makeFolders(parent);
    const fs::path part = parent / ("." + folder.filename().string() + ".new");
    fs::remove_all(part, ignored); // of a process that died
    hub::makeFolders(part);
    try {
        eachList(scenario, interactions,
                 [&part](const std::string &name, const std::string &text) { hub::writeDurably(part / name, text); });
        hub::writeDurably(part / descriptionFile, description(scenario));
        hub::publishFolder(part, folder);
    } catch (...) {
        fs::remove_all(part, ignored);
        throw;
    }
}

void readLists(const fs::path &folder, const Interactions &interactions, Scenario &scenario,
               const std::stop_token &stop)
{
    std::error_code ignored;
    if (folder.empty() || !fs::is_directory(folder, ignored))
        throw InputError("there is no such folder: " + folder.string(), "scenario.folder",
                         "name the folder that holds the lists of the split");
    scenario.hash = hashOf(folder);
    const ListReader reader(folder, interactions, stop);
    reader.pairs("training.csv", scenario.trainingUsers, scenario.training);
    for (const auto &[task, what] :
         {std::pair{&scenario.validation, std::string("validation")}, std::pair{&scenario.test, std::string("test")}}) {
        reader.pairs(what + "_targets.csv", task->users, task->targets);
        task->candidates = reader.items(what + "_candidates.csv");
        if (!reader.has(what + "_sources.csv")) {
            task->sources = trainedRows(task->users, scenario);
            continue;
        }
        std::vector<std::int32_t> users;
        reader.pairs(what + "_sources.csv", users, task->sources);
        if (users != task->users)
            reader.failUsers(what, users, task->users);
    }
}

} // namespace apiary::data
