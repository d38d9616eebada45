#include "data/statistics.h"

#include "base/cancel.h"
#include "base/random.h"
#include "data/strings.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace apiary::data {

namespace {

/// How many other items share a user with item `j`. `seen[i] == j` marks those found.
std::int64_t partners(const CsrView &x, const CsrView &byItem, std::int64_t j, std::vector<std::int32_t> &seen)
{
    std::int64_t count = 0;
    seen[static_cast<std::size_t>(j)] = static_cast<std::int32_t>(j);
    for (const std::int32_t user : byItem.row(j))
        for (const std::int32_t item : x.row(user)) {
            std::int32_t &mark = seen[static_cast<std::size_t>(item)];
            if (mark == static_cast<std::int32_t>(j))
                continue;
            mark = static_cast<std::int32_t>(j);
            ++count;
        }
    return count;
}

/// All items in an order drawn by the seed.
std::vector<std::int32_t> drawn(std::int64_t items, std::uint64_t seed)
{
    std::vector<std::int32_t> order(static_cast<std::size_t>(items));
    std::iota(order.begin(), order.end(), 0);
    CounterRng(seed).shuffle(order);
    return order;
}

/// Gini coefficient of counts in descending order.
double gini(const std::vector<std::int64_t> &counts)
{
    double weighted = 0, sum = 0;
    const auto n = static_cast<double>(counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
        weighted += (n - static_cast<double>(i)) * static_cast<double>(counts[i]); // rank from the smallest
        sum += static_cast<double>(counts[i]);
    }
    return sum > 0 ? 2 * weighted / (n * sum) - (n + 1) / n : 0;
}

/// Without case and accents.
std::string plain(const std::string &text)
{
    if (std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; })) {
        std::string lower = text;
        for (char &c : lower)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        return lower;
    }
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2 *form = icu::Normalizer2::getNFKDInstance(error);
    icu::UnicodeString folded = icu::UnicodeString::fromUTF8(text).foldCase();
    if (U_SUCCESS(error))
        folded = form->normalize(folded, error);
    icu::UnicodeString bare;
    for (std::int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1))
        if (const UChar32 c = folded.char32At(i); u_charType(c) != U_NON_SPACING_MARK)
            bare.append(c);
    std::string result;
    return bare.toUTF8String(result);
}

/// Places sorted by group, then by descending weight, then by place; the first `limit`.
std::vector<std::int32_t> best(std::vector<std::pair<int, std::int32_t>> found, std::span<const std::int64_t> weight,
                               std::size_t limit)
{
    const auto of = [weight](std::int32_t place) {
        return static_cast<std::size_t>(place) < weight.size() ? weight[static_cast<std::size_t>(place)] : 0;
    };
    const auto before = [&of](const auto &a, const auto &b) {
        if (a.first != b.first)
            return a.first < b.first;
        return of(a.second) != of(b.second) ? of(a.second) > of(b.second) : a.second < b.second;
    };
    const auto count = std::min(limit, found.size());
    std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count), found.end(), before);
    std::vector<std::int32_t> places;
    for (std::size_t i = 0; i < count; ++i)
        places.push_back(found[i].second);
    return places;
}

constexpr std::size_t pollEvery = 1024;

} // namespace

CoOccurrence coOccurrence(const CsrView &x, std::int64_t budget, std::uint64_t seed, std::stop_token stop)
{
    CoOccurrence result;
    if (x.cols < 2)
        return result;
    const Csr transposedX = transposed(x);
    const CsrView byItem = transposedX;
    double work = 0; // visits: each user's items once for each of them
    for (std::int64_t user = 0; user < x.rows; ++user)
        work += static_cast<double>(x.row(user).size()) * static_cast<double>(x.row(user).size());
    result.exact = work <= static_cast<double>(budget);
    const std::vector<std::int32_t> order = drawn(x.cols, seed);
    std::vector<std::int32_t> seen(static_cast<std::size_t>(x.cols), -1);
    double sum = 0, squares = 0;
    std::int64_t visits = 0;
    constexpr std::int64_t fewestItems = 100;
    for (const std::int32_t item : order) {
        throwIfStopped(stop);
        const double share = static_cast<double>(partners(x, byItem, item, seen)) / static_cast<double>(x.cols - 1);
        sum += share;
        squares += share * share;
        ++result.items;
        for (const std::int32_t user : byItem.row(item))
            visits += static_cast<std::int64_t>(x.row(user).size());
        if (!result.exact && visits > budget && result.items >= fewestItems)
            break;
    }
    const auto n = static_cast<double>(result.items);
    result.exact = result.items == x.cols;
    result.density = sum / n;
    if (!result.exact) {
        const double variance = std::max(0.0, (squares - sum * sum / n) / (n - 1));
        result.standardError = std::sqrt(variance / n * (1 - n / static_cast<double>(x.cols)));
    }
    return result;
}

std::vector<std::int64_t> popularity(const CsrView &x)
{
    std::vector<std::int64_t> counts(static_cast<std::size_t>(x.cols));
    for (const std::int32_t item : x.columns)
        ++counts[static_cast<std::size_t>(item)];
    return counts;
}

std::vector<std::int64_t> activity(const CsrView &x)
{
    std::vector<std::int64_t> counts;
    for (std::int64_t user = 0; user < x.rows; ++user)
        counts.push_back(static_cast<std::int64_t>(x.row(user).size()));
    return counts;
}

Curve curve(std::vector<std::int64_t> counts, std::size_t maxPoints)
{
    std::sort(counts.begin(), counts.end(), std::greater<>());
    Curve result;
    result.gini = gini(counts);
    std::vector<double> cumulative(counts.size());
    std::partial_sum(counts.begin(), counts.end(), cumulative.begin(), [](double a, double b) { return a + b; });
    const double all = counts.empty() ? 0 : cumulative.back();
    const double ratio = counts.size() > maxPoints && maxPoints > 1
                             ? std::pow(static_cast<double>(counts.size()), 1.0 / static_cast<double>(maxPoints - 1))
                             : 1.0;
    for (std::size_t rank = 1; rank <= counts.size();) {
        result.rank.push_back(static_cast<std::int64_t>(rank));
        result.count.push_back(counts[rank - 1]);
        result.share.push_back(all > 0 ? cumulative[rank - 1] / all : 0);
        if (rank == counts.size())
            break;
        const auto next = static_cast<std::size_t>(std::ceil(static_cast<double>(rank) * ratio));
        rank = std::min(counts.size(), std::max(rank + 1, next));
    }
    return result;
}

LengthHistogram lengthHistogram(std::span<const std::string> texts,
                                const std::function<std::vector<std::int64_t>(std::span<const std::string>)> &lengths,
                                std::int64_t limit, int bins, std::stop_token stop)
{
    LengthHistogram result;
    std::vector<std::int64_t> all;
    for (std::size_t begin = 0; begin < texts.size(); begin += pollEvery) {
        throwIfStopped(stop);
        const auto block = texts.subspan(begin, std::min(pollEvery, texts.size() - begin));
        const auto some = lengths(block);
        all.insert(all.end(), some.begin(), some.end());
    }
    if (all.empty() || bins < 1)
        return result;
    std::sort(all.begin(), all.end());
    const auto at = [&all](double share) {
        return all[static_cast<std::size_t>(std::ceil(share * static_cast<double>(all.size()))) - 1];
    };
    result.shortest = all.front();
    result.longest = all.back();
    result.median = at(0.5);
    result.p95 = at(0.95);
    result.mean =
        static_cast<double>(std::accumulate(all.begin(), all.end(), std::int64_t{0})) / static_cast<double>(all.size());
    if (limit > 0)
        result.truncated = all.end() - std::upper_bound(all.begin(), all.end(), limit);
    // The bins span what all but the longest hundredth need.
    result.binWidth = std::max<std::int64_t>(1, (at(0.99) + bins) / bins);
    // Where texts are cut, the limit is a border of bins if one of twice the width allows, and no open bin is before it.
    if (result.truncated > 0 && bins > 1 && limit <= 2 * bins * result.binWidth) {
        result.binWidth = std::max(result.binWidth, (limit + bins - 2) / (bins - 1));
        for (std::int64_t width = result.binWidth; width <= 2 * result.binWidth; ++width)
            if (limit % width == 0) {
                result.binWidth = width;
                break;
            }
    }
    result.bins.assign(static_cast<std::size_t>(bins), 0);
    for (const std::int64_t length : all)
        ++result.bins[static_cast<std::size_t>(std::min<std::int64_t>(length / result.binWidth, bins - 1))];
    return result;
}

std::vector<std::int32_t> searchItems(const Catalog &catalog, std::span<const std::int64_t> popularity,
                                      const std::string &query, std::size_t limit, std::stop_token stop)
{
    const std::string wanted = plain(std::string(trimmed(query)));
    std::vector<std::pair<int, std::int32_t>> found;
    for (std::size_t j = 0; j < catalog.ids.size(); ++j) {
        if (j % pollEvery == 0)
            throwIfStopped(stop);
        const std::string id = plain(catalog.ids[j]), title = plain(catalog.titles[j]);
        int group = -1;
        if (wanted.empty() || id == wanted)
            group = 0;
        else if (id.starts_with(wanted) || title.starts_with(wanted))
            group = 1;
        else if (title.find(wanted) != std::string::npos)
            group = 2;
        else if (plain(catalog.texts[j]).find(wanted) != std::string::npos)
            group = 3;
        if (group >= 0)
            found.emplace_back(group, static_cast<std::int32_t>(j));
    }
    return best(std::move(found), popularity, limit);
}

std::vector<std::int32_t> searchUsers(const std::vector<std::string> &users, std::span<const std::int64_t> activity,
                                      const std::string &query, std::size_t limit, std::stop_token stop)
{
    const std::string wanted = plain(std::string(trimmed(query)));
    std::vector<std::pair<int, std::int32_t>> found;
    for (std::size_t u = 0; u < users.size(); ++u) {
        if (u % pollEvery == 0)
            throwIfStopped(stop);
        const std::string id = plain(users[u]);
        const std::size_t at = id.find(wanted);
        if (at != std::string::npos)
            found.emplace_back(wanted.empty() || id == wanted ? 0 : at == 0 ? 1 : 2, static_cast<std::int32_t>(u));
    }
    return best(std::move(found), activity, limit);
}

} // namespace apiary::data
