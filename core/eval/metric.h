#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace apiary::eval {

enum class MetricKind { Recall, PlainRecall, Ndcg, Precision, Map, Mrr, Hit, Novelty, Similarity, Coverage, Gini };

/// One measure of top-k lists. hit(i) is 1 where the item at place i (from 1) is a target, T the user's targets. Each
/// value lies between 0 and 1 but for novelty, which is in bits, and similarity, from -1 to 1. RecPack means recpack
/// 0.3.6, whose values these equal.
///
/// Of one user, averaged over users; a user who gets no recommendation counts with 0:
/// - recall@k: hits ÷ min(k, |T|). RecPack's CalibratedRecallK, and what the beeFormer paper calls recall.
/// - plain-recall@k: hits ÷ |T|. RecPack's RecallK.
/// - ndcg@k: Σ hit(i) ÷ log2(i + 1), divided by that of min(k, |T|) hits in front (Järvelin & Kekäläinen 2002 with binary
///   gains). RecPack's NDCGK.
/// - precision@k: hits ÷ k, also where the list is shorter. RecPack's PrecisionK.
/// - map@k: Σ hit(i) · (hits among the first i) ÷ i, divided by min(k, |T|): mean average precision, cut at k.
/// - mrr@k: 1 ÷ the place of the first hit, 0 without one. RecPack's ReciprocalRankK.
/// - hit@k: 1 where there is a hit.
/// - novelty@k: mean over the list of −log2(n ÷ U), where n of U users have the item (no less than 1): mean
///   self-information (Zhou et al. 2010).
/// - similarity@k: mean cosine of the list's pairs (intra-list similarity, Ziegler et al. 2005); 0 with fewer than two.
///
/// Of all lists together, one value a model:
/// - coverage@k: candidates that stand in a list ÷ candidates. RecPack's CoverageK over the candidates.
/// - gini@k: Gini coefficient of how often each candidate stands in a list, Σ (2j − n − 1) x_j ÷ (n Σ x_j) over the n
///   ascending counts: 0 where all are recommended alike, near 1 where few are.
struct Metric {
    MetricKind kind = MetricKind::Recall;
    int k = 20;

    std::string name() const; ///< "recall@20"
    bool perUser() const { return kind != MetricKind::Coverage && kind != MetricKind::Gini; }
    /// Compares with targets, so that it can be restricted to a part of them.
    bool ofTargets() const { return kind < MetricKind::Novelty; }
    friend bool operator==(const Metric &, const Metric &) = default;
};

/// "ndcg", with a line for help and lists.
struct MetricInfo {
    MetricKind kind;
    std::string name;
    std::string help;
};
const std::vector<MetricInfo> &metricInfos();

constexpr int deepestList = 10000; ///< the largest k

/// "ndcg@100". Throws InputError that says what is wrong with the name and what there is.
Metric parseMetric(const std::string &name);
/// "recall@20, ndcg@100": at least one, none twice. Throws InputError.
std::vector<Metric> parseMetrics(const std::string &list);
/// recall@20, recall@50, ndcg@100: those of the beeFormer paper.
const std::vector<Metric> &defaultMetrics();
/// The depth that serves all of them.
int deepest(std::span<const Metric> metrics);

/// Where the targets of one user stand in a list.
struct Hits {
    std::vector<char> at; ///< one a place: 1 for a target
    std::size_t targets = 0;
};
/// `targets` ascending.
Hits findHits(std::span<const std::int32_t> ranking, std::span<const std::int32_t> targets);
/// Value of a metric of targets; 0 where there are none.
double valueOf(const Metric &metric, const Hits &hits);

/// RecPack 0.3.6's CalibratedRecallK: hits among the first k ÷ min(k, |targets|).
double calibratedRecall(std::span<const std::int32_t> ranking, std::span<const std::int32_t> targets, int k);
/// RecPack 0.3.6's NDCGK: binary gains, discount 1 / log2(rank + 1), ideal of min(k, |targets|).
double ndcg(std::span<const std::int32_t> ranking, std::span<const std::int32_t> targets, int k);

/// novelty@k of a list's first k: `popularity` is the number of users of each item, of `users`.
double novelty(std::span<const std::int32_t> ranking, std::span<const std::int64_t> popularity, std::int64_t users,
               int k);
/// gini@k over how often each candidate was recommended; 0 where nothing was.
double gini(std::vector<std::int64_t> counts);

} // namespace apiary::eval
