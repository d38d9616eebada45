#include "run/test_records.h"

namespace apiary::run {

std::vector<std::string> userIds(const data::Interactions &interactions, std::span<const std::int32_t> users)
{
    std::vector<std::string> ids;
    ids.reserve(users.size());
    for (const std::int32_t user : users)
        ids.push_back(interactions.users[static_cast<std::size_t>(user)]);
    return ids;
}

std::vector<store::MetricRecord> metricRecords(const std::vector<eval::Evaluation> &evaluations,
                                               const std::vector<std::string> &users)
{
    std::vector<store::MetricRecord> records;
    for (const eval::Evaluation &evaluation : evaluations)
        for (const eval::MetricValues &values : evaluation.metrics)
            records.push_back({evaluation.model, values.metric, values.perUser, users});
    return records;
}

store::TestDetails testDetails(const std::vector<eval::Evaluation> &evaluations, const std::vector<std::string> &users)
{
    store::TestDetails details;
    for (const eval::Evaluation &evaluation : evaluations)
        for (const eval::TotalValue &total : evaluation.totals)
            details.totals.push_back({evaluation.model, total.metric, total.value});
    if (evaluations.empty())
        return details;
    for (std::size_t s = 0; s < evaluations.front().segments.size(); ++s) {
        const eval::SegmentValues &first = evaluations.front().segments[s]; // all have the same segments
        store::SegmentRecord segment{first.segment, first.ofUsers, {}, {}};
        for (const std::int32_t row : first.users)
            segment.users.push_back(users[static_cast<std::size_t>(row)]);
        if (!segment.ofUsers)
            for (const eval::Evaluation &evaluation : evaluations)
                for (const eval::MetricValues &values : evaluation.segments[s].metrics)
                    segment.metrics.push_back({evaluation.model, values.metric, values.perUser, {}});
        details.segments.push_back(std::move(segment));
    }
    return details;
}

} // namespace apiary::run
