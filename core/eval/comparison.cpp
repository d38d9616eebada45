#include "eval/comparison.h"

#include "eval/resample.h"
#include "eval/significance.h"

#include "base/error.h"
#include "base/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace apiary::eval {

namespace {

void checkAlike(const Evaluation &evaluation, const Evaluation &baseline)
{
    const bool alike =
        std::equal(evaluation.metrics.begin(), evaluation.metrics.end(), baseline.metrics.begin(),
                   baseline.metrics.end(),
                   [](const MetricValues &a, const MetricValues &b) {
                       return a.metric == b.metric && a.perUser.size() == b.perUser.size();
                   }) &&
        std::equal(evaluation.totals.begin(), evaluation.totals.end(), baseline.totals.begin(), baseline.totals.end(),
                   [](const TotalValue &a, const TotalValue &b) { return a.metric == b.metric; });
    if (!alike)
        throw Error(evaluation.model + " and " + baseline.model + " were evaluated on different users or metrics",
                    "comparison", "compare evaluations of the same task");
}

std::string number(double value, bool sign)
{
    return sign ? signedText(value, 4, "-") : numberText(value, 4, "-");
}

std::string range(const Interval &interval, bool sign)
{
    return "[" + number(interval.low, sign) + ", " + number(interval.high, sign) + "]";
}

/// Characters of a UTF-8 text, counted by the bytes that begin one.
std::size_t width(const std::string &text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

/// p-values of every model against the baseline, corrected within each metric.
void addTests(Comparison &result, const std::vector<Evaluation> &evaluations)
{
    const Evaluation &baseline = evaluations[result.baseline];
    for (std::size_t m = 0; m < result.metrics.size(); ++m) {
        std::vector<double> family;
        for (std::size_t e = 0; e < evaluations.size(); ++e)
            if (e != result.baseline)
                family.push_back(result.rows[e].cells[m].p =
                                     wilcoxon(evaluations[e].metrics[m].perUser, baseline.metrics[m].perUser).p);
        const std::vector<double> corrected = holm(family);
        std::size_t at = 0;
        for (std::size_t e = 0; e < evaluations.size(); ++e)
            if (e != result.baseline)
                result.rows[e].cells[m].holm = corrected[at++];
    }
}

} // namespace

Comparison compare(const std::vector<Evaluation> &evaluations, std::size_t baselineIndex, std::uint64_t seed,
                   int resamples, double level)
{
    if (baselineIndex >= evaluations.size())
        throw Error("there is no model number " + std::to_string(baselineIndex) + " to compare with", "comparison",
                    "choose one of the " + std::to_string(evaluations.size()) + " evaluated models");
    const Evaluation &baseline = evaluations[baselineIndex];
    const std::size_t metrics = baseline.metrics.size();
    for (const Evaluation &evaluation : evaluations)
        checkAlike(evaluation, baseline);

    Comparison result;
    result.baseline = baselineIndex;
    result.seed = seed;
    result.resamples = resamples;
    result.level = level;
    for (const MetricValues &values : baseline.metrics)
        result.metrics.push_back(values.metric);
    for (const TotalValue &total : baseline.totals)
        result.totals.push_back(total.metric);
    for (const Evaluation &evaluation : evaluations) {
        result.rows.push_back({evaluation.model, std::vector<ComparisonCell>(metrics), {}});
        for (const TotalValue &total : evaluation.totals)
            result.rows.back().totals.push_back(total.value);
    }
    if (metrics == 0)
        return result;
    const std::size_t users = baseline.metrics.front().perUser.size();
    result.users = static_cast<std::int64_t>(users);

    // Two columns a cell: the value and its difference to the baseline.
    const std::size_t columns = evaluations.size() * metrics * 2;
    std::vector<double> values(users * columns);
    for (std::size_t e = 0; e < evaluations.size(); ++e)
        for (std::size_t m = 0; m < metrics; ++m) {
            const auto &own = evaluations[e].metrics[m].perUser;
            const auto &base = baseline.metrics[m].perUser;
            if (own.size() != users)
                throw Error("the metrics of " + evaluations[e].model + " cover different numbers of users",
                            "comparison", "evaluate all metrics on one task");
            for (std::size_t u = 0; u < users; ++u) {
                double *cell = &values[u * columns + (e * metrics + m) * 2];
                cell[0] = own[u];
                cell[1] = own[u] - base[u];
            }
        }
    const auto intervals = bootstrapColumns(values, columns, seed, resamples, level);
    for (std::size_t e = 0; e < evaluations.size(); ++e)
        for (std::size_t m = 0; m < metrics; ++m) {
            const std::size_t column = (e * metrics + m) * 2;
            result.rows[e].cells[m] = {intervals[column], intervals[column + 1]};
            result.rows[e].cells[m].users = result.users;
        }
    addTests(result, evaluations);
    return result;
}

std::string probabilityText(double p)
{
    if (p < 1e-4)
        return "<0.0001";
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), p, std::chars_format::general, 2).ptr};
}

std::string testStatement(std::size_t comparisons, bool seeds)
{
    std::string text = "Wilcoxon signed-rank test over users, two-sided";
    if (comparisons > 1)
        text += ", Holm's correction for the " + std::to_string(comparisons) +
                " comparisons with the baseline, each metric by itself";
    return comparisons > 1 && seeds ? text + "; every seed's run counts as one" : text;
}

std::string unsureStatement(double level)
{
    return "the interval of the difference holds zero, or p is " + probabilityText(1 - level) + " or more";
}

std::string formatTable(const Comparison &comparison)
{
    using Line = std::array<std::string, 7>; // metric, model, mean, its interval, difference, its interval, p
    std::array<char, 32> percent{};
    std::snprintf(percent.data(), percent.size(), "%g%% interval", comparison.level * 100);
    std::vector<Line> lines{{"metric", "model", "mean", percent.data(), "difference", percent.data(), "p"}};
    bool anyUnsure = false;
    for (std::size_t m = 0; m < comparison.metrics.size(); ++m)
        for (std::size_t r = 0; r < comparison.rows.size(); ++r) {
            const ComparisonRow &row = comparison.rows[r];
            const ComparisonCell &cell = row.cells[m];
            Line line{r == 0 ? comparison.metrics[m] : "",
                      row.model,
                      number(cell.mean.mean, false),
                      range(cell.mean, false),
                      "(baseline)",
                      "",
                      ""};
            if (r != comparison.baseline) {
                const bool pale = !cell.toldApart(comparison.level);
                anyUnsure = anyUnsure || pale;
                line[4] = number(cell.difference.mean, true);
                line[5] = range(cell.difference, true) + (pale ? " ~" : "");
                line[6] = probabilityText(cell.holm);
            }
            lines.push_back(std::move(line));
        }
    for (std::size_t t = 0; t < comparison.totals.size(); ++t)
        for (std::size_t r = 0; r < comparison.rows.size(); ++r)
            lines.push_back({r == 0 ? comparison.totals[t] : "", comparison.rows[r].model,
                             number(comparison.rows[r].totals[t], false)});

    std::array<std::size_t, 7> widths{};
    for (const Line &line : lines)
        for (std::size_t c = 0; c < line.size(); ++c)
            widths[c] = std::max(widths[c], width(line[c]));
    std::string text;
    for (const Line &line : lines) {
        std::string row;
        for (std::size_t c = 0; c < line.size(); ++c)
            row += line[c] + std::string(widths[c] - width(line[c]) + 2, ' ');
        row.erase(row.find_last_not_of(' ') + 1);
        text += row + "\n";
    }
    const std::string baseline = comparison.rows.empty() ? "" : comparison.rows[comparison.baseline].model;
    text += std::to_string(comparison.users) + " users; differences to " + baseline +
            "; paired bootstrap over users, " + std::to_string(comparison.resamples) + " resamples, seed " +
            std::to_string(comparison.seed) + "\n";
    if (comparison.rows.size() > 1)
        text += "p: " + testStatement(comparison.rows.size() - 1) + "\n";
    if (anyUnsure)
        text += "~ " + unsureStatement(comparison.level) + ": the data do not tell the two apart\n";
    return text;
}

} // namespace apiary::eval
