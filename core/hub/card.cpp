#include "hub/card.h"

#include "base/error.h"
#include "base/file_inside.h"
#include "hub/card_fields.h"
#include "hub/library.h"
#include "hub/safetensors_head.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t maxReadme = std::size_t{1} << 20;

/// "https://hub.example/org/name" → "org/name".
std::string lastTwo(const std::string &address)
{
    const auto name = address.rfind('/');
    const auto organisation = name == std::string::npos || name == 0 ? name : address.rfind('/', name - 1);
    return organisation == std::string::npos ? std::string() : address.substr(organisation + 1);
}

class Reader {
public:
    explicit Reader(const fs::path &folder) : m_folder(folder) {}

    EncoderCard read()
    {
        std::error_code code;
        if (!fs::is_directory(m_folder, code)) {
            m_card.error = InputError("there is no such folder", m_folder.string(),
                                      "bring it back, or take the encoder off the list")
                               .what();
            return m_card;
        }
        attempt([this] { readOrigin(); });
        attempt([this] { readSize(); });
        attempt([this] { readModules(); });
        attempt([this] { readNetwork(); });
        attempt([this] { readHead(); });
        attempt([this] { readWeights(); });
        attempt([this] { readPrompts(); });
        attempt([this] { requireTokenizer(m_folder / m_network); });
        return m_card;
    }

private:
    template <typename Work>
    void attempt(Work work)
    {
        try {
            work();
        } catch (const std::exception &error) {
            if (m_card.error.empty())
                m_card.error = error.what();
        }
    }

    /// The file's JSON, or nothing where there is none; InputError where a link leads out of the folder.
    std::optional<Json> json(const fs::path &relative) const { return readJson(fileInside(m_folder, relative)); }

    void readOrigin()
    {
        std::ifstream stream(fileInside(m_folder, "README.md"), std::ios::binary);
        std::string readme(maxReadme, '\0');
        stream.read(readme.data(), static_cast<std::streamsize>(readme.size()));
        readme.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, stream.gcount())));
        m_card.licence = frontMatter(readme, "license");
        if (m_card.licence == "other")
            if (std::string name = frontMatter(readme, "license_name"); !name.empty()) {
                m_card.licence = name;
                m_card.ownLicence = true;
            }
        m_card.baseModel = frontMatter(readme, "base_model");
        m_card.repository = cachedRepository();
        if (const auto origin = json(".apiary.json")) {
            m_card.source = text(*origin, "source");
            m_card.revision = text(*origin, "revision");
            if (std::string name = text(*origin, "repository"); !name.empty())
                m_card.repository = name;
            else if (!m_card.revision.empty()) // an earlier version's note: only what a hub sent has a commit
                m_card.repository = lastTwo(m_card.source);
            m_card.fetched = text(*origin, "fetched");
            if (m_card.licence.empty())
                m_card.licence = text(*origin, "license");
        }
    }

    /// …/models--ORG--NAME/snapshots/COMMIT, as the Hugging Face libraries keep it, is "ORG/NAME".
    std::string cachedRepository() const
    {
        std::error_code code;
        const fs::path folder = (fs::absolute(m_folder, code) / "").lexically_normal().parent_path().parent_path();
        const std::string name = folder.parent_path().filename().string();
        return folder.filename() == "snapshots" && name.starts_with("models--") ? repositoryName(name.substr(8))
                                                                                : std::string();
    }

    void readSize()
    {
        std::int64_t bytes = 0;
        std::error_code code;
        for (fs::recursive_directory_iterator it(m_folder, code), end; !code && it != end; it.increment(code)) {
            std::error_code ignored;
            if (it->is_regular_file(ignored)) // follows links, as the hub's cache has them
                bytes += static_cast<std::int64_t>(it->file_size(ignored));
        }
        m_card.diskBytes = bytes;
    }

    void readModules()
    {
        const auto modules = json("modules.json");
        if (!modules)
            return;
        if (!modules->is_array())
            throw InputError("is not a list of modules", (m_folder / "modules.json").string(),
                             "download the encoder's folder again");
        for (const Json &module : *modules) {
            if (!module.is_object())
                continue;
            const std::string path = text(module, "path");
            const fs::path plain = fs::path(path).lexically_normal();
            if (plain.is_absolute() || std::find(plain.begin(), plain.end(), "..") != plain.end())
                throw InputError("the path \"" + path + "\" leads out of the encoder's folder",
                                 (m_folder / "modules.json").string(),
                                 "correct modules.json, or download the encoder's folder again");
            if (kind(module) == "Transformer")
                m_network = path;
            else
                m_modules.emplace_back(kind(module), path);
        }
    }

    void readNetwork()
    {
        const fs::path file = m_folder / m_network / "config.json";
        const auto config = json(m_network / "config.json");
        if (!config || !config->is_object())
            throw InputError("there is no config.json", file.string(), "fetch the encoder again");
        m_card.architecture = architectureName(text(*config, "model_type"));
        m_card.layers = number(*config, {"num_hidden_layers", "n_layers", "n_layer", "num_layers"});
        m_card.dimension = number(*config, {"hidden_size", "dim", "n_embd", "d_model"});
        std::int64_t positions = number(*config, {"max_position_embeddings", "n_positions"});
        if (m_card.baseModel.empty()) // what it was loaded from when it was saved; a hub's name, not somebody's folder
            if (const std::string name = text(*config, "_name_or_path");
                std::count(name.begin(), name.end(), '/') == 1 && name.find_first_of("./~\\") == name.find('/'))
                m_card.baseModel = name;
        const std::string type = text(*config, "model_type");
        if (positions > 2 && (type == "xlm-roberta" || type == "roberta" || type == "mpnet"))
            positions -= 2; // the first two are never used for a token
        if (m_modules.empty())
            m_card.pooling = "mean";
        for (const char *name : {"sentence_bert_config.json", "sentence_xlm-roberta_config.json",
                                 "sentence_roberta_config.json", "sentence_distilbert_config.json"})
            if (const auto sentence = json(m_network / name); sentence && m_card.maxTokens < 0)
                m_card.maxTokens = number(*sentence, {"max_seq_length"});
        if (m_card.maxTokens < 0)
            if (const auto tokenizer = json(m_network / "tokenizer_config.json"))
                m_card.maxTokens = number(*tokenizer, {"model_max_length"});
        if (positions > 0)
            m_card.maxTokens = m_card.maxTokens > 0 ? std::min(m_card.maxTokens, positions) : positions;
    }

    void readHead()
    {
        for (const auto &[kind, path] : m_modules) {
            const auto config = json(fs::path(path) / "config.json");
            if (kind == "Pooling" && config) {
                int modes = 1;
                m_card.pooling = poolingModes(*config, modes);
                if (const auto each = number(*config, {"word_embedding_dimension", "embedding_dimension"}); each > 0)
                    m_card.dimension = each;
                if (m_card.dimension > 0)
                    m_card.dimension *= modes;
            } else if (kind == "Dense" && config) {
                const auto in = number(*config, {"in_features"});
                const auto out = number(*config, {"out_features"});
                if (out > 0)
                    m_card.dimension = out;
                m_card.modules.push_back("Dense " + std::to_string(in) + " → " + std::to_string(out));
            } else if (kind == "Normalize") {
                m_card.normalized = true;
                m_card.modules.push_back(kind);
            } else {
                m_card.modules.push_back(kind);
            }
        }
        const auto sentence = json("config_sentence_transformers.json");
        if (const auto cut = sentence ? number(*sentence, {"truncate_dim"}) : -1; cut > 0 && cut < m_card.dimension)
            m_card.dimension = cut;
    }

    /// The weights' files of the network: one, or those that an index names.
    std::vector<fs::path> networkWeights() const
    {
        std::error_code code;
        if (fs::exists(m_folder / m_network / "model.safetensors", code))
            return {m_network / "model.safetensors"};
        const fs::path file = m_network / "model.safetensors.index.json";
        const std::string where = (m_folder / file).string();
        const auto index = json(file);
        if (!index)
            throw InputError("there are no weights in safetensors", (m_folder / m_network).string(),
                             "save the encoder with safetensors, or fetch it again");
        const auto map = index->find("weight_map");
        if (map == index->end() || !map->is_object())
            throw InputError("has no weight_map", where, "download the encoder's folder again");
        std::set<fs::path> files;
        for (const auto &[tensor, entry] : map->items()) {
            const std::string name = entry.is_string() ? entry.get<std::string>() : std::string();
            if (name.empty() || fs::path(name).filename() != name)
                throw InputError("tensor \"" + tensor + "\" is not said to be in a file of this folder", where,
                                 "download the encoder's folder again");
            files.insert(m_network / name);
        }
        return {files.begin(), files.end()};
    }

    void readWeights()
    {
        std::vector<fs::path> files = networkWeights();
        for (const auto &[kind, path] : m_modules) {
            const fs::path file = fs::path(path) / "model.safetensors";
            std::error_code code;
            if (fs::exists(m_folder / file, code))
                files.push_back(file);
            else if (kind == "Dense" || kind == "LayerNorm")
                throw InputError("the weights of the " + kind + " module are missing", (m_folder / file).string(),
                                 "download the encoder's folder again");
        }
        std::int64_t parameters = 0;
        std::map<std::string, std::int64_t> elements;
        for (const fs::path &file : files) {
            const SafetensorsHead head = readSafetensorsHead(fileInside(m_folder, file));
            parameters += head.parameters;
            for (const auto &[dtype, count] : head.elements)
                if (dtype.starts_with('F') || dtype.starts_with("BF"))
                    elements[dtype] += count;
        }
        m_card.parameters = parameters;
        m_card.memoryBytes = parameters * 4;
        const auto most = std::max_element(elements.begin(), elements.end(),
                                           [](const auto &a, const auto &b) { return a.second < b.second; });
        if (most != elements.end())
            m_card.weights = dtypeName(most->first);
    }

    void readPrompts()
    {
        const auto sentence = json("config_sentence_transformers.json");
        if (!sentence)
            return;
        if (const auto prompts = sentence->find("prompts"); prompts != sentence->end() && prompts->is_object())
            for (const auto &[name, value] : prompts->items())
                if (value.is_string() || value.is_null()) // an empty one is one: nothing is put before such texts
                    m_card.prompts.push_back(name);
    }

    fs::path m_folder;
    fs::path m_network;                                         ///< of the Transformer, within the folder
    std::vector<std::pair<std::string, std::string>> m_modules; ///< kind and path of the others
    EncoderCard m_card;
};

} // namespace

void requireTokenizer(const fs::path &folder)
{
    const auto has = [&](const char *name) {
        std::error_code code;
        return fs::exists(folder / name, code);
    };
    if (!has("tokenizer.json") && !has("sentencepiece.bpe.model") && !(has("vocab.json") && has("merges.txt")) &&
        !has("vocab.txt"))
        throw InputError("there is no tokenizer: neither tokenizer.json nor vocab.txt, vocab.json with merges.txt or "
                         "sentencepiece.bpe.model",
                         folder.string(), "choose the folder of a sentence encoder");
}

EncoderCard readCard(const fs::path &folder)
{
    return Reader(folder).read();
}

} // namespace apiary::hub
