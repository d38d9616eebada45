#include "base/error.h"
#include "store/project.h"
#include "store/project_private.h"

namespace apiary::store {

std::int64_t Project::Private::segmentRow(std::int64_t run, const SegmentRecord &segment) const
{
    const std::int64_t users = usersRow(run, segment.users);
    Statement known(database, "SELECT id, users, of_users FROM segments WHERE run = ?1 AND name = ?2");
    if (known.bind(run, segment.name).step()) {
        if (known.integer(1) != users || (known.integer(2) != 0) != segment.ofUsers)
            throw Error("the segment \"" + segment.name + "\" of run " + std::to_string(run) + " holds other users",
                        database.file().string(), "test the encoder on the data and the split of the run");
        return known.integer(0);
    }
    Statement(database, "INSERT INTO segments (run, name, of_users, users) VALUES (?1, ?2, ?3, ?4)")
        .bind(run, segment.name, segment.ofUsers, users)
        .run();
    return database.lastInsertId();
}

void Project::Private::writeDetails(std::int64_t run, std::int64_t encoder, const TestDetails &details) const
{
    Statement total(database, "INSERT INTO totals (run, encoder, model, metric, value) "
                              "VALUES (?1, nullif(?2, 0), ?3, ?4, ?5)");
    for (const TotalRecord &record : details.totals)
        total.bind(run, encoder, record.model, record.metric, record.value).run();
    Statement metric(database, "INSERT INTO segment_metrics (segment, encoder, model, metric, per_user) "
                               "VALUES (?1, nullif(?2, 0), ?3, ?4, ?5)");
    for (const SegmentRecord &segment : details.segments) {
        const std::int64_t row = segmentRow(run, segment);
        for (const MetricRecord &record : segment.metrics)
            metric.bind(row, encoder, record.model, record.metric, std::as_bytes(std::span(record.perUser))).run();
    }
}

TestDetails Project::Private::readDetails(std::int64_t run, std::int64_t encoder) const
{
    TestDetails details;
    Statement total(database, "SELECT model, metric, value FROM totals WHERE run = ?1 AND coalesce(encoder, 0) = ?2 "
                              "ORDER BY id");
    total.bind(run, encoder);
    while (total.step())
        details.totals.push_back({total.text(0), total.text(1), total.real(2)});

    Statement segment(database, "SELECT segments.id, name, of_users, metric_users.users FROM segments "
                                "JOIN metric_users ON metric_users.id = segments.users WHERE segments.run = ?1 "
                                "ORDER BY segments.id");
    segment.bind(run);
    while (segment.step()) {
        SegmentRecord &record = details.segments.emplace_back();
        record.name = segment.text(1);
        record.ofUsers = segment.integer(2) != 0;
        record.users = readUsers(segment.text(3), run);
        Statement row(database, "SELECT model, metric, per_user FROM segment_metrics WHERE segment = ?1 "
                                "AND coalesce(encoder, 0) = ?2 ORDER BY id");
        row.bind(segment.integer(0), encoder);
        while (row.step())
            record.metrics.push_back({row.text(0), row.text(1), readValues(row.blob(2), record.users.size(), run), {}});
    }
    return details;
}

TestDetails Project::details(std::int64_t run) const
{
    return d->readDetails(run, 0);
}

} // namespace apiary::store
