#include "data/stored_dataset.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace apiary::data {

namespace {

std::string plain(double number)
{
    char text[32];
    std::snprintf(text, sizeof text, "%g", number);
    return text;
}

/// Entries of a dataset with the mark of those that stay.
class Marks {
public:
    explicit Marks(Dataset &dataset)
        : m_dataset(dataset)
        , m_kept(static_cast<std::size_t>(dataset.interactions.count()), 1)
    {
    }

    void ratings(double least)
    {
        const auto &ratings = m_dataset.interactions.ratings;
        if (ratings.empty())
            return;
        for (std::size_t i = 0; i < ratings.size(); ++i)
            m_kept[i] = m_kept[i] && static_cast<double>(ratings[i]) >= least;
        done("rating at least " + plain(least), "lower the least rating");
    }

    void users(int least)
    {
        const auto &offsets = m_dataset.interactions.csr.offsets;
        for (std::size_t user = 0; user + 1 < offsets.size(); ++user) {
            const auto begin = m_kept.begin() + offsets[user], end = m_kept.begin() + offsets[user + 1];
            if (std::count(begin, end, 1) < least)
                std::fill(begin, end, 0);
        }
        done("users with at least " + std::to_string(least), "lower the least number of interactions");
    }

    /// What stays, with users and items that have nothing left taken out.
    Dataset built() const
    {
        const Interactions &old = m_dataset.interactions;
        Dataset result;
        result.name = m_dataset.name;
        result.counts = m_dataset.counts;
        result.warnings = m_dataset.warnings;
        std::vector<std::int32_t> column(old.items.size(), -1);
        for (std::size_t i = 0; i < m_kept.size(); ++i)
            if (m_kept[i])
                column[static_cast<std::size_t>(old.csr.columns[i])] = 0;
        std::int32_t next = 0;
        for (std::int32_t &place : column)
            if (place == 0)
                place = next++;
        takeItems(column, result.catalog);
        Interactions &data = result.interactions;
        data.items = result.catalog.ids;
        data.csr.cols = next;
        for (std::int64_t user = 0; user < old.userCount(); ++user) {
            const auto u = static_cast<std::size_t>(user);
            const auto before = data.csr.columns.size();
            for (auto i = static_cast<std::size_t>(old.csr.offsets[u]);
                 i < static_cast<std::size_t>(old.csr.offsets[u + 1]); ++i)
                if (m_kept[i])
                    takeEntry(i, column, data);
            if (data.csr.columns.size() == before)
                continue;
            data.users.push_back(old.users[u]);
            data.csr.offsets.push_back(static_cast<std::int64_t>(data.csr.columns.size()));
        }
        return result;
    }

private:
    void takeEntry(std::size_t i, const std::vector<std::int32_t> &column, Interactions &data) const
    {
        const Interactions &old = m_dataset.interactions;
        data.csr.columns.push_back(column[static_cast<std::size_t>(old.csr.columns[i])]);
        if (!old.ratings.empty())
            data.ratings.push_back(old.ratings[i]);
        if (!old.timestamps.empty())
            data.timestamps.push_back(old.timestamps[i]);
    }

    void takeItems(const std::vector<std::int32_t> &column, Catalog &catalog) const
    {
        const auto take = [&column](const std::vector<std::string> &from, std::vector<std::string> &to) {
            for (std::size_t j = 0; j < column.size(); ++j)
                if (column[j] >= 0)
                    to.push_back(from[j]);
        };
        const Catalog &old = m_dataset.catalog;
        take(old.ids, catalog.ids);
        take(old.titles, catalog.titles);
        take(old.texts, catalog.texts);
        for (const auto &[name, values] : old.fields)
            take(values, catalog.fields[name]);
    }

    void done(std::string step, const std::string &remedy)
    {
        const Interactions &data = m_dataset.interactions;
        FilterCount count{std::move(step)};
        std::vector<char> items(data.items.size());
        for (std::size_t user = 0; user + 1 < data.csr.offsets.size(); ++user) {
            const std::int64_t before = count.interactions;
            for (auto i = static_cast<std::size_t>(data.csr.offsets[user]);
                 i < static_cast<std::size_t>(data.csr.offsets[user + 1]); ++i) {
                if (!m_kept[i])
                    continue;
                ++count.interactions;
                items[static_cast<std::size_t>(data.csr.columns[i])] = 1;
            }
            count.users += count.interactions > before ? 1 : 0;
        }
        count.items = std::count(items.begin(), items.end(), 1);
        if (count.interactions == 0)
            throw InputError("no interaction is left after the filter \"" + count.step + "\"", m_dataset.name, remedy);
        m_dataset.counts.push_back(std::move(count));
    }

    Dataset &m_dataset;
    std::vector<char> m_kept;
};

} // namespace

Dataset filtered(Dataset dataset, const DatasetFilter &filter)
{
    if (std::isnan(filter.minRating))
        throw InputError("is not a number", "least rating", "give a number such as 4");
    const std::int64_t before = dataset.interactions.count();
    Marks marks(dataset);
    marks.ratings(filter.minRating);
    marks.users(std::max(1, filter.minUserInteractions));
    if (dataset.counts.back().interactions == before)
        return dataset; // as it was, hash and all
    Dataset result = marks.built();
    result.hash = datasetHash(result.interactions, result.catalog);
    return result;
}

} // namespace apiary::data
