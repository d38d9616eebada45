#include "hub/hub_client.h"

#include "base/error.h"
#include "hub/download.h"
#include "hub/durable.h"
#include "hub/staging.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::int64_t maxDescription = std::int64_t{64} << 20;
constexpr std::size_t maxFiles = 500;

std::string variable(const char *name)
{
    const char *value = std::getenv(name);
    return value ? value : "";
}

std::string storedToken()
{
    for (const char *name : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"})
        if (std::string token = variable(name); !token.empty())
            return token;
    std::vector<fs::path> files;
    if (const std::string path = variable("HF_TOKEN_PATH"); !path.empty())
        files.emplace_back(path);
    if (const std::string home = variable("HF_HOME"); !home.empty())
        files.push_back(fs::path(home) / "token");
    else if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty())
        files.push_back(fs::path(cache) / "huggingface/token");
    else
        files.push_back(fs::path(variable("HOME")) / ".cache/huggingface/token");
    for (const fs::path &file : files) {
        std::ifstream stream(file);
        std::string token;
        stream.width(512);
        if (stream >> token)
            return token;
    }
    return {};
}

bool mayCarryToken(const std::string &base)
{
    static const std::regex safe("https://.*|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])([:/].*)?", std::regex::icase);
    return std::regex_match(base, safe);
}

std::string textOf(const Json &json, const char *field)
{
    const auto it = json.find(field);
    return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::int64_t sizeOf(const Json &json)
{
    const auto it = json.find("size");
    return it != json.end() && it->is_number_integer() ? it->get<std::int64_t>() : -1;
}

/// The licence of the repository's card; it may be a list.
std::string licenceOf(const Json &json)
{
    const auto card = json.find("cardData");
    if (card == json.end() || !card->is_object())
        return {};
    const auto it = card->find("license");
    if (it == card->end())
        return {};
    const Json &licence = it->is_array() && !it->empty() ? it->front() : *it;
    if (!licence.is_string())
        return {};
    if (licence == "other")
        if (std::string name = textOf(*card, "license_name"); !name.empty())
            return name;
    return licence;
}

std::string apiUrl(const Hub &hub, const std::string &name)
{
    return hub.base + "/api/models/" + encodeUrl(name, true);
}

Json fetchJson(const std::string &url, const Hub &hub, const std::stop_token &stop)
{
    const std::string text = fetchText(url, hub.network, {"Accept: application/json"}, maxDescription, stop);
    Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded())
        throw Error("the answer is not JSON", shownUrl(url), "check that the address is that of a hub");
    return json;
}

/// Sizes and hashes by the tree, for hubs that do not put them into the description.
void readTree(const Hub &hub, HubRepository &repository, const std::stop_token &stop)
{
    const std::string url =
        apiUrl(hub, repository.name) + "/tree/" + encodeUrl(repository.commit, false) + "?recursive=true";
    const Json tree = fetchJson(url, hub, stop);
    if (!tree.is_array())
        return;
    for (const Json &entry : tree) {
        const std::string path = entry.is_object() ? textOf(entry, "path") : std::string();
        const auto file = std::find_if(repository.files.begin(), repository.files.end(),
                                       [&](const HubFile &known) { return known.path == path; });
        if (file == repository.files.end())
            continue;
        file->size = sizeOf(entry);
        if (const auto lfs = entry.find("lfs"); lfs != entry.end() && lfs->is_object()) {
            file->sha256 = textOf(*lfs, "oid");
            file->size = sizeOf(*lfs);
        } else {
            file->gitBlob = textOf(entry, "oid");
        }
    }
}

/// Of a repository with the weights both whole and in shards, the whole ones. Throws where there are none.
void settleWeights(HubRepository &repository, const std::vector<std::string> &all, const std::string &where)
{
    const auto has = [&](auto test) {
        return std::any_of(repository.files.begin(), repository.files.end(),
                           [&](const HubFile &file) { return test(file.path); });
    };
    const auto named = [](const char *name) {
        return [name](const std::string &path) { return path == name || path == std::string("0_Transformer/") + name; };
    };
    if (!has(named("config.json")) && !has(named("modules.json")))
        throw InputError("holds no encoder: there is neither config.json nor modules.json", where,
                         "name a repository of a sentence encoder");
    const bool whole = has(named("model.safetensors"));
    if (!whole && !has(named("model.safetensors.index.json"))) {
        const bool pickle = std::any_of(all.begin(), all.end(), [](const std::string &path) {
            return path.ends_with(".bin") || path.ends_with(".pt");
        });
        throw InputError(pickle ? "has its weights as pickle only, which is never loaded"
                                : "has no weights in safetensors",
                         where, "look for a revision or a copy with model.safetensors");
    }
    if (whole)
        std::erase_if(repository.files, [](const HubFile &file) {
            const std::string name = fs::path(file.path).filename().string();
            return name == "model.safetensors.index.json" || name.starts_with("model-");
        });
}

} // namespace

std::int64_t HubRepository::bytes() const
{
    std::int64_t sum = 0;
    for (const HubFile &file : files)
        sum += std::max<std::int64_t>(0, file.size);
    return sum;
}

Hub hubFor(const Settings &settings, const std::string &base)
{
    Hub hub;
    for (const std::string &candidate : {base, settings.hubBase, variable("HF_ENDPOINT")})
        if (!candidate.empty()) {
            hub.base = candidate;
            break;
        }
    while (hub.base.ends_with('/'))
        hub.base.pop_back();
    static const std::regex address("https?://[^/\\s]+.*", std::regex::icase);
    if (!std::regex_match(hub.base, address))
        throw InputError("is no address of a hub", hub.base, "write it in full, like https://huggingface.co");
    hub.network.offline = offlineReason(settings.offline);
    if (mayCarryToken(hub.base))
        hub.network.token = storedToken();
    return hub;
}

std::string parseRepositoryName(const std::string &text, std::string &base, std::string &revision)
{
    static const std::regex url("(https?://[^/\\s]+)/([\\w.-]+/[\\w.-]+)(?:/(?:tree|blob)/([^/\\s]+).*)?/?(?:[?#].*)?",
                                std::regex::icase);
    static const std::regex plain("[A-Za-z0-9][\\w.-]*(/[A-Za-z0-9_][\\w.-]*)?");
    std::string name = text;
    std::smatch match;
    if (std::regex_match(text, match, url)) {
        base = match[1];
        name = match[2];
        if (match[3].matched)
            revision = match[3];
    }
    if (!std::regex_match(name, plain) || name.find("..") != std::string::npos || name.size() > 200)
        throw InputError("is no name of a repository", "\"" + text + "\"",
                         "write it as org/name, or paste the address of its page");
    return name;
}

bool wantedFile(const std::string &path)
{
    static const std::regex folder("[0-9]+_[A-Za-z0-9_]+/");
    static const std::set<std::string> names{"config.json",
                                             "config_sentence_transformers.json",
                                             "modules.json",
                                             "sentence_bert_config.json",
                                             "sentence_distilbert_config.json",
                                             "sentence_roberta_config.json",
                                             "sentence_xlm-roberta_config.json",
                                             "tokenizer.json",
                                             "tokenizer_config.json",
                                             "special_tokens_map.json",
                                             "added_tokens.json",
                                             "vocab.txt",
                                             "vocab.json",
                                             "merges.txt",
                                             "sentencepiece.bpe.model",
                                             "spiece.model",
                                             "tokenizer.model",
                                             "model.safetensors",
                                             "model.safetensors.index.json",
                                             "README.md",
                                             "LICENSE",
                                             "LICENSE.md",
                                             "LICENSE.txt"};
    static const std::regex shard("model-[0-9]{5}-of-[0-9]{5}\\.safetensors");
    std::string name = path;
    if (const auto slash = path.find('/'); slash != std::string::npos) {
        if (!std::regex_match(path.substr(0, slash + 1), folder))
            return false;
        name = path.substr(slash + 1);
        if (name.starts_with("README") || name.starts_with("LICENSE"))
            return false;
    }
    return names.contains(name) || std::regex_match(name, shard);
}

HubRepository describeRepository(const Hub &hub, const std::string &name, const std::string &revision,
                                 std::stop_token stop)
{
    HubRepository repository;
    repository.name = name;
    repository.revision = revision.empty() ? "main" : revision;
    const std::string url = apiUrl(hub, name) + "/revision/" + encodeUrl(repository.revision, false) + "?blobs=true";
    const Json json = fetchJson(url, hub, stop);
    const auto siblings = json.is_object() ? json.find("siblings") : json.end();
    if (siblings == json.end() || !siblings->is_array())
        throw Error("the answer does not list the repository's files", shownUrl(url),
                    "check that the address is that of a hub");
    repository.commit = textOf(json, "sha");
    if (repository.commit.empty())
        repository.commit = repository.revision;
    repository.licence = licenceOf(json);
    std::vector<std::string> all;
    bool sizes = true;
    for (const Json &entry : *siblings) {
        HubFile file;
        file.path = entry.is_object() ? textOf(entry, "rfilename") : std::string();
        all.push_back(file.path);
        if (!wantedFile(file.path))
            continue;
        file.size = sizeOf(entry);
        if (const auto lfs = entry.find("lfs"); lfs != entry.end() && lfs->is_object()) {
            file.sha256 = textOf(*lfs, "sha256");
            if (const std::int64_t size = sizeOf(*lfs); size >= 0)
                file.size = size;
        } else {
            file.gitBlob = textOf(entry, "blobId");
        }
        sizes = sizes && file.size >= 0;
        repository.files.push_back(std::move(file));
    }
    const std::string where = shownUrl(hub.base + "/" + name);
    if (repository.files.size() > maxFiles)
        throw Error("lists more files than an encoder has", where, "check the address");
    settleWeights(repository, all, where);
    if (!sizes)
        readTree(hub, repository, stop);
    return repository;
}

void installRepository(const Hub &hub, const HubRepository &repository, const fs::path &target,
                       const ProgressFn &progress, std::stop_token stop)
{
    Staging staging(target);
    requireSpace(staging.files(), repository.bytes());
    // Files of an earlier call stay if they are right by their hashes; of another commit, others may be left over.
    std::set<std::string> wanted;
    for (const HubFile &file : repository.files)
        for (const char *end : {"", ".part", ".part.json"})
            wanted.insert(file.path + end);
    std::vector<fs::path> left;
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(staging.files()))
        if (!entry.is_directory() &&
            !wanted.contains(entry.path().lexically_relative(staging.files()).generic_string()))
            left.push_back(entry.path());
    for (const fs::path &path : left)
        fs::remove(path);

    ByteMeter meter("fetching " + repository.name, repository.bytes(), progress);
    for (const HubFile &file : repository.files) {
        Download what;
        what.url = hub.base + "/" + encodeUrl(repository.name, true) + "/resolve/" +
                   encodeUrl(repository.commit, false) + "/" + encodeUrl(file.path, true);
        what.file = staging.files() / file.path;
        what.size = file.size;
        what.sha256 = file.sha256;
        what.gitBlob = file.gitBlob;
        makeFolders(what.file.parent_path());
        download(what, hub.network, &meter, stop);
    }
    staging.publish(shownUrl(hub.base) + "/" + repository.name, repository.name, repository.commit, repository.licence);
}

} // namespace apiary::hub
