#include "eval/evaluate.h"

#include "base/number_text.h"

#include <algorithm>

namespace apiary::eval {

std::string formatSegments(const std::vector<Evaluation> &evaluations)
{
    if (evaluations.empty() || evaluations.front().segments.empty())
        return {};
    std::vector<std::vector<std::string>> lines{{"segment", "users", "metric"}};
    for (const Evaluation &evaluation : evaluations)
        lines.front().push_back(evaluation.model);
    const std::vector<SegmentValues> &segments = evaluations.front().segments;
    for (std::size_t s = 0; s < segments.size(); ++s)
        for (std::size_t m = 0; m < segments[s].metrics.size(); ++m) {
            lines.push_back({m == 0 ? segments[s].segment : "", m == 0 ? std::to_string(segments[s].users.size()) : "",
                             segments[s].metrics[m].metric});
            for (const Evaluation &evaluation : evaluations) {
                const MetricValues &values = evaluation.segments[s].metrics[m];
                lines.back().push_back(values.perUser.empty() ? "-" : numberText(values.mean(), 4, "-"));
            }
        }
    std::vector<std::size_t> widths(lines.front().size());
    for (const auto &line : lines)
        for (std::size_t c = 0; c < line.size(); ++c)
            widths[c] = std::max(widths[c], line[c].size());
    std::string text;
    for (const auto &line : lines) {
        std::string row;
        for (std::size_t c = 0; c < line.size(); ++c)
            row += line[c] + std::string(widths[c] - line[c].size() + 2, ' ');
        row.erase(row.find_last_not_of(' ') + 1);
        text += row + "\n";
    }
    return text;
}

} // namespace apiary::eval
