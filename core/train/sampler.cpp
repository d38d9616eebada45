#include "train/sampler.h"

#include "base/random.h"

#include <algorithm>
#include <map>

namespace apiary::train {

namespace {
// Streams of the generator, so that users and negatives are drawn independently.
constexpr std::uint64_t userStream = 1;
constexpr std::uint64_t negativeStream = 2;
} // namespace

Sampler::Sampler(CsrView interactions, std::vector<std::int32_t> items, SamplerConfig config)
    : m_interactions(interactions)
    , m_items(std::move(items))
    , m_config(config)
{
    for (std::int64_t u = 0; u < interactions.rows; ++u)
        if (!interactions.row(u).empty())
            m_users.push_back(static_cast<std::int32_t>(u));
}

int Sampler::stepsPerEpoch() const
{
    return static_cast<int>((users() + m_config.usersPerStep - 1) / m_config.usersPerStep);
}

StepSample Sampler::sample(int step) const
{
    StepSample sample;
    sample.epoch = (step - 1) / stepsPerEpoch() + 1;
    std::vector<std::int32_t> order = m_users;
    CounterRng(mixKey(m_config.seed, userStream, sample.epoch)).shuffle(order);
    const auto first =
        static_cast<std::size_t>((step - 1) % stepsPerEpoch()) * static_cast<std::size_t>(m_config.usersPerStep);
    const std::size_t last = std::min(order.size(), first + static_cast<std::size_t>(m_config.usersPerStep));

    std::vector<std::int32_t> position(static_cast<std::size_t>(m_interactions.cols), -1);
    for (std::size_t i = first; i < last; ++i)
        for (const std::int32_t item : m_interactions.row(order[i]))
            position[static_cast<std::size_t>(item)] = 0;
    std::vector<std::int32_t> others;
    for (const std::int32_t item : m_items) {
        if (position[static_cast<std::size_t>(item)] < 0) {
            others.push_back(item);
            continue;
        }
        position[static_cast<std::size_t>(item)] = static_cast<std::int32_t>(sample.items.size());
        sample.items.push_back(item);
    }
    sample.users.cols = static_cast<std::int64_t>(sample.items.size());
    std::vector<std::int32_t> row;
    for (std::size_t i = first; i < last; ++i) {
        row.clear();
        for (const std::int32_t item : m_interactions.row(order[i]))
            row.push_back(position[static_cast<std::size_t>(item)]);
        sample.users.addRow(row);
    }

    const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(m_config.itemsPerStep - sample.users.cols, 0));
    CounterRng rng(mixKey(m_config.seed, negativeStream, step));
    if (m_config.negativesWithReplacement && !others.empty() && wanted > 0) {
        std::map<std::int32_t, float> drawn;
        for (std::size_t i = 0; i < wanted; ++i)
            ++drawn[others[rng.below(others.size())]];
        sample.multiplicity.assign(sample.items.size(), 1.0F);
        for (const auto &[item, times] : drawn) {
            sample.items.push_back(item);
            sample.multiplicity.push_back(times);
        }
        return sample;
    }
    if (wanted < others.size()) {
        rng.shuffle(others, wanted);
        others.resize(wanted);
        std::sort(others.begin(), others.end());
    }
    sample.items.insert(sample.items.end(), others.begin(), others.end());
    return sample;
}

} // namespace apiary::train
