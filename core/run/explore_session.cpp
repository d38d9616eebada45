#include "run/explore_session.h"

#include "base/cancel.h"
#include "base/error.h"
#include "run/dataset_place.h"
#include "run/fold.h"
#include "run/inputs.h"
#include "run/item_embeddings.h"
#include "run/npy.h"
#include "run/run_files.h"
#include "store/project.h"

#include <algorithm>
#include <sstream>

namespace apiary::run {

namespace {

constexpr int overlapNeighbours = 10;

/// Embeddings of one of the run's encoders: from the run's file where it fits, else encoded.
Matrix embeddings(const RunSpec &spec, const data::Dataset &dataset, const std::filesystem::path &file,
                  const std::filesystem::path &encoder, const std::string &hash, const ProgressFn &progress,
                  const std::stop_token &stop)
{
    if (std::filesystem::exists(file)) {
        Matrix stored = readNpy(file);
        if (stored.rows() == dataset.catalog.size())
            return stored;
    }
    const auto opened = openEncoder(spec, encoder);
    if (!hash.empty() && opened->card().hash != hash)
        throw InputError("the encoder is not the one that the run began with", encoder.string(),
                         "put the original encoder back, or run again");
    return encodeItemsCached(spec, dataset.catalog, *opened, openCache().get(), "encoding items", progress, stop);
}

std::shared_ptr<ExploreEncoder> indexed(std::string name, EncoderRole role, Matrix items)
{
    auto encoder = std::make_shared<ExploreEncoder>();
    encoder->name = std::move(name);
    encoder->role = role;
    encoder->index = std::make_unique<explore::SemanticIndex>(std::move(items));
    return encoder;
}

std::string searchKey(const data::Catalog &catalog, std::size_t item)
{
    return folded((item < catalog.titles.size() ? catalog.titles[item] : std::string()) + "\n" + catalog.ids[item]);
}

} // namespace

std::shared_ptr<const ExploreEncoder> ExploreSession::encoder(EncoderRole role) const
{
    for (const auto &one : encoders)
        if (one->role == role)
            return one;
    return nullptr;
}

std::vector<std::int32_t> ExploreSession::search(const std::string &query, int limit) const
{
    const std::string wanted = folded(query);
    std::istringstream split(wanted);
    std::vector<std::string> words;
    for (std::string word; split >> word;)
        words.push_back(word);
    if (words.empty() || limit <= 0)
        return {};
    const std::string begin = wanted.substr(
        wanted.find(words.front()), wanted.rfind(words.back()) + words.back().size() - wanted.find(words.front()));
    struct Hit {
        bool first;
        std::int64_t rank;
        std::int32_t item;
    };
    std::vector<Hit> hits;
    const std::size_t items = dataset.catalog.ids.size();
    for (std::size_t item = 0; item < items; ++item) {
        const std::string key = searchKeys.size() == items ? std::string() : searchKey(dataset.catalog, item);
        const std::string &text = key.empty() ? searchKeys[item] : key;
        if (!std::all_of(words.begin(), words.end(),
                         [&](const auto &word) { return text.find(word) != std::string::npos; }))
            continue;
        const auto index = static_cast<std::int32_t>(item);
        hits.push_back({text.starts_with(begin), interactions ? interactions->popularityRank(index) : 0, index});
    }
    std::sort(hits.begin(), hits.end(), [](const Hit &a, const Hit &b) {
        if (a.first != b.first)
            return a.first;
        return a.rank != b.rank ? a.rank < b.rank : a.item < b.item;
    });
    std::vector<std::int32_t> out;
    for (const Hit &hit : hits) {
        if (out.size() == static_cast<std::size_t>(limit))
            break;
        out.push_back(hit.item);
    }
    return out;
}

std::optional<std::int32_t> ExploreSession::find(const std::string &id) const
{
    const auto place = std::find(dataset.catalog.ids.begin(), dataset.catalog.ids.end(), id);
    if (place == dataset.catalog.ids.end())
        return std::nullopt;
    return static_cast<std::int32_t>(place - dataset.catalog.ids.begin());
}

std::shared_ptr<const ExploreSession> loadExploreSession(store::Project &project, std::int64_t run,
                                                         const ProgressFn &progress, std::stop_token stop)
{
    const auto record = project.run(run);
    if (!record)
        throw InputError("there is no run " + std::to_string(run), project.folder().string(),
                         "list them with `apiary-cli runs`");
    const RunSpec spec = specOfRun(project, *record);
    Inputs inputs = inputsOfRun(project, *record, spec, progress, stop);

    auto session = std::make_shared<ExploreSession>();
    session->run = run;
    const std::filesystem::path &files = record->folder;
    std::vector<std::shared_ptr<ExploreEncoder>> encoders;
    encoders.push_back(indexed(record->encoderName, EncoderRole::Base,
                               embeddings(spec, inputs.dataset, files.empty() ? files : files / "embeddings_base.npy",
                                          spec.encoder.folder, record->encoderHash, progress, stop)));
    throwIfStopped(stop);
    if (!files.empty() && std::filesystem::exists(files / "encoder"))
        encoders.push_back(indexed(
            record->name, EncoderRole::Tuned,
            embeddings(spec, inputs.dataset, files / "embeddings_tuned.npy", files / "encoder", {}, progress, stop)));
    throwIfStopped(stop);
    session->interactions = std::make_unique<explore::InteractionIndex>(inputs.dataset.interactions.csr);
    for (const auto &encoder : encoders) {
        encoder->overlap = explore::overlapByRole(*encoder->index, *session->interactions, inputs.scenario.items,
                                                  overlapNeighbours, threadCount(spec), stop);
        session->encoders.push_back(encoder);
    }
    session->spec = spec;
    for (std::size_t item = 0; item < inputs.dataset.catalog.ids.size(); ++item)
        session->searchKeys.push_back(searchKey(inputs.dataset.catalog, item));
    session->dataset = std::move(inputs.dataset);
    session->split = std::move(inputs.scenario.items);
    return session;
}

std::shared_ptr<const ExploreEncoder> loadExploreEncoder(const ExploreSession &session, const std::string &name,
                                                         const std::filesystem::path &folder,
                                                         embed::Precision precision, const ProgressFn &progress,
                                                         std::stop_token stop)
{
    const auto opened = openEncoder(session.spec, folder, precision);
    throwIfStopped(stop);
    const auto cache = openCache();
    embed::Embeddings items = encodeItemsCached(session.spec, session.dataset.catalog, *opened, cache.get(),
                                                "encoding items", progress, stop);
    std::optional<embed::Agreement> agreement;
    if (precision == embed::Precision::Int8)
        agreement = embed::measureAgreement(
            *opened, opened->tokenize(session.dataset.catalog.texts, textOptions(session.spec, *opened), stop), items,
            64, cache.get(), stop);
    const auto encoder = indexed(name, EncoderRole::Other, std::move(items));
    encoder->agreement = agreement;
    if (session.interactions)
        encoder->overlap = explore::overlapByRole(*encoder->index, *session.interactions, session.split,
                                                  overlapNeighbours, threadCount(session.spec), stop);
    return encoder;
}

} // namespace apiary::run
