#include "widgets/data/dataset_facts.h"

#include "data/stored_dataset.h"
#include "hub/card.h"
#include "text/tokenizer.h"

#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr std::int64_t noLimit = std::int64_t{1} << 20;

} // namespace

FactsPtr factsOf(data::Dataset dataset)
{
    auto facts = std::make_shared<DatasetFacts>();
    facts->dataset = std::move(dataset);
    facts->popularity = data::popularity(facts->dataset.interactions.csr);
    facts->activity = data::activity(facts->dataset.interactions.csr);
    facts->items = data::curve(facts->popularity);
    facts->users = data::curve(facts->activity);
    facts->everyItem = data::curve(facts->popularity, facts->popularity.size());
    facts->everyUser = data::curve(facts->activity, facts->activity.size());
    return facts;
}

FactsPtr loadFacts(const std::filesystem::path &folder, const ProgressFn &progress, std::stop_token stop)
{
    return factsOf(data::readDataset(folder, progress, stop));
}

data::LengthHistogram tokenLengths(const DatasetFacts &facts, const std::filesystem::path &encoder,
                                   std::stop_token stop)
{
    const auto tokenizer = text::loadTokenizer(encoder);
    const auto lengths = [&](std::span<const std::string> texts) {
        const text::TokenBatch batch = tokenizer->encodeAll(texts, noLimit, 0, stop);
        std::vector<std::int64_t> result;
        for (std::int64_t i = 0; i < batch.size(); ++i)
            result.push_back(batch.length(i));
        return result;
    };
    const std::int64_t limit = hub::readCard(encoder).maxTokens;
    return data::lengthHistogram(facts.dataset.catalog.texts, lengths, std::max<std::int64_t>(limit, 0), 40, stop);
}

} // namespace apiary::widgets
