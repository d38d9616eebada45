#include "eval/top_selection.h"

#include "base/ranking_key.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace apiary::eval {

namespace {

// A chunk of scores is some vectors of four; a group is one lane of them, so that no vector is looked at across.
constexpr std::size_t lanes = 4;
constexpr std::size_t groupsAPlace = 3; // groups for each place of the list: fewer let more scores pass, more cost more

typedef float Four __attribute__((vector_size(16), may_alias, aligned(4)));
typedef std::int32_t FourBits __attribute__((vector_size(16)));

} // namespace

TopSelection::TopSelection(std::span<const std::int32_t> candidates, int k)
    : m_candidates(candidates)
    , m_k(static_cast<std::size_t>(std::max(k, 0)))
    , m_groupScores(std::clamp<std::size_t>(candidates.size() / std::max<std::size_t>(1, groupsAPlace * m_k), 4, 64))
    , m_maxima(candidates.size() / (lanes * m_groupScores) * lanes)
{
}

/// Whether all scores are numbers, but for those after the last whole chunk.
bool TopSelection::findMaxima(const float *scores)
{
    FourBits bad{};
    for (std::size_t g = 0; g < m_maxima.size(); g += lanes, scores += lanes * m_groupScores) {
        Four most{};
        for (std::size_t v = 0; v < m_groupScores; ++v) {
            const Four now = *reinterpret_cast<const Four *>(scores + v * lanes);
            most = now > most ? now : most;
            bad |= now != now;
        }
        for (std::size_t lane = 0; lane < lanes; ++lane)
            m_maxima[g + lane] = most[lane];
    }
    return (bad[0] | bad[1] | bad[2] | bad[3]) == 0;
}

float TopSelection::bound()
{
    if (m_maxima.size() <= m_k || m_k == 0)
        return 0;
    m_order = m_maxima;
    const auto at = m_order.begin() + static_cast<std::ptrdiff_t>(m_k - 1);
    std::nth_element(m_order.begin(), at, m_order.end(), std::greater<>());
    return *at;
}

void TopSelection::keep(float score, std::size_t place)
{
    m_keys.push_back(rankingKey(score, m_candidates[place]));
}

std::optional<std::size_t> TopSelection::select(const float *scores)
{
    const std::size_t count = m_candidates.size(), whole = m_maxima.size() * m_groupScores;
    m_keys.clear();
    const bool numbers = findMaxima(scores);
    for (std::size_t c = numbers ? whole : 0; c < count; ++c)
        if (std::isnan(scores[c]))
            return c;

    const float least = bound();
    for (std::size_t g = 0; g < m_maxima.size(); ++g)
        if (m_maxima[g] > 0 && m_maxima[g] >= least)
            for (std::size_t n = 0, c = g / lanes * lanes * m_groupScores + g % lanes; n < m_groupScores;
                 ++n, c += lanes)
                if (scores[c] > 0 && scores[c] >= least)
                    keep(scores[c], c);
    for (std::size_t c = whole; c < count; ++c)
        if (scores[c] > 0 && scores[c] >= least)
            keep(scores[c], c);
    return std::nullopt;
}

Ranking TopSelection::ranking()
{
    const std::size_t length = std::min(m_k, m_keys.size());
    const auto end = m_keys.begin() + static_cast<std::ptrdiff_t>(length);
    if (length < m_keys.size())
        std::nth_element(m_keys.begin(), end, m_keys.end(), std::greater<>());
    std::sort(m_keys.begin(), end, std::greater<>());
    Ranking ranking;
    ranking.items.reserve(length);
    ranking.scores.reserve(length);
    for (std::size_t n = 0; n < length; ++n) {
        ranking.items.push_back(itemOfKey(m_keys[n]));
        ranking.scores.push_back(scoreOfKey(m_keys[n]));
    }
    return ranking;
}

} // namespace apiary::eval
