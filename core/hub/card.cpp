#include "hub/card.h"

#include "base/error.h"
#include "hub/safetensors_head.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::uintmax_t maxJson = std::uintmax_t{64} << 20;
constexpr std::size_t maxReadme = std::size_t{1} << 20;

/// Nothing where there is no such file. Throws InputError for one that is no JSON of the kind.
std::optional<Json> readJson(const fs::path &file)
{
    std::error_code code;
    if (!fs::exists(file, code))
        return std::nullopt;
    if (fs::file_size(file, code) > maxJson || code)
        throw InputError("is too large, or cannot be read", file.string(), "fetch the encoder again");
    std::ifstream stream(file, std::ios::binary);
    Json json = Json::parse(stream, nullptr, false);
    if (!json.is_object() && !json.is_array())
        throw InputError("is not JSON", file.string(), "fetch the encoder again");
    return json;
}

std::string text(const Json &json, const char *field)
{
    const auto it = json.find(field);
    return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
}

/// The first of the fields that holds a whole number, or -1.
std::int64_t number(const Json &json, std::initializer_list<const char *> fields)
{
    for (const char *field : fields)
        if (const auto it = json.find(field); it != json.end() && it->is_number_integer())
            return it->get<std::int64_t>();
    return -1;
}

bool flag(const Json &json, const char *field)
{
    const auto it = json.find(field);
    return it != json.end() && it->is_boolean() && it->get<bool>();
}

std::string architectureName(const std::string &modelType)
{
    static const std::map<std::string, std::string> names{{"bert", "BERT"},
                                                          {"mpnet", "MPNet"},
                                                          {"xlm-roberta", "XLM-RoBERTa"},
                                                          {"roberta", "RoBERTa"},
                                                          {"qwen3", "Qwen3"},
                                                          {"nomic_bert", "NomicBERT"},
                                                          {"distilbert", "DistilBERT"},
                                                          {"albert", "ALBERT"},
                                                          {"electra", "ELECTRA"},
                                                          {"modernbert", "ModernBERT"},
                                                          {"t5", "T5"},
                                                          {"new", "GTE (new)"}};
    const auto it = names.find(modelType);
    return it == names.end() ? modelType : it->second;
}

std::string dtypeName(const std::string &dtype)
{
    static const std::map<std::string, std::string> names{
        {"F32", "float32"}, {"F16", "float16"}, {"BF16", "bfloat16"}, {"F64", "float64"}};
    const auto it = names.find(dtype);
    return it == names.end() ? dtype : it->second;
}

/// The last part of a module's type: "sentence_transformers.models.Dense" → "Dense".
std::string kind(const Json &module)
{
    const std::string type = text(module, "type");
    return type.substr(type.rfind('.') + 1);
}

/// The modes of a pooling module, as sentence-transformers writes them in its older and its newer way.
std::string poolingModes(const Json &config, int &count)
{
    static const std::pair<const char *, const char *> modes[] = {{"pooling_mode_cls_token", "cls"},
                                                                  {"pooling_mode_max_tokens", "max"},
                                                                  {"pooling_mode_mean_tokens", "mean"},
                                                                  {"pooling_mode_mean_sqrt_len_tokens", "mean-sqrt"},
                                                                  {"pooling_mode_weightedmean_tokens", "weighted mean"},
                                                                  {"pooling_mode_lasttoken", "last token"}};
    std::vector<std::string> found;
    for (const auto &[field, name] : modes)
        if (flag(config, field))
            found.emplace_back(name);
    if (const auto mode = config.find("pooling_mode"); mode != config.end()) {
        for (const Json &entry : mode->is_array() ? *mode : Json::array({*mode}))
            if (entry.is_string())
                found.push_back(entry == "lasttoken" ? "last token" : entry.get<std::string>());
    }
    count = std::max(1, static_cast<int>(found.size()));
    std::string joined;
    for (const std::string &name : found)
        joined += (joined.empty() ? "" : " + ") + name;
    return joined;
}

/// A value of the YAML between the two `---` at the head of a README: the text after `name:`, or the first of a list.
std::string frontMatter(const std::string &readme, const std::string &name)
{
    std::istringstream lines(readme);
    std::string line;
    if (!std::getline(lines, line) || !line.starts_with("---"))
        return {};
    const auto clean = [](std::string value) {
        const auto drop = [&](char c) {
            return c == ' ' || c == '\t' || c == '\r' || c == '"' || c == '\'' || c == '[';
        };
        while (!value.empty() && drop(value.front()))
            value.erase(0, 1);
        value = value.substr(0, value.find_first_of(",]#"));
        while (!value.empty() && drop(value.back()))
            value.pop_back();
        return value;
    };
    while (std::getline(lines, line) && !line.starts_with("---")) {
        if (!line.starts_with(name + ":"))
            continue;
        if (std::string value = clean(line.substr(name.size() + 1)); !value.empty())
            return value;
        if (!std::getline(lines, line))
            return {};
        const auto dash = line.find_first_not_of(" \t");
        return dash != std::string::npos && line[dash] == '-' ? clean(line.substr(dash + 1)) : std::string();
    }
    return {};
}

class Reader {
public:
    explicit Reader(const fs::path &folder) : m_folder(folder) {}

    EncoderCard read()
    {
        std::error_code code;
        if (!fs::is_directory(m_folder, code)) {
            m_card.error = InputError("there is no such folder", m_folder.string(), "").what();
            return m_card;
        }
        attempt([this] { readOrigin(); });
        attempt([this] { readSize(); });
        attempt([this] { readModules(); });
        attempt([this] { readNetwork(); });
        attempt([this] { readHead(); });
        attempt([this] { readWeights(); });
        attempt([this] { readPrompts(); });
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

    void readOrigin()
    {
        std::ifstream stream(m_folder / "README.md", std::ios::binary);
        std::string readme(maxReadme, '\0');
        stream.read(readme.data(), static_cast<std::streamsize>(readme.size()));
        readme.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, stream.gcount())));
        m_card.licence = frontMatter(readme, "license");
        if (m_card.licence == "other")
            if (std::string name = frontMatter(readme, "license_name"); !name.empty())
                m_card.licence = name;
        m_card.baseModel = frontMatter(readme, "base_model");
        if (const auto origin = readJson(m_folder / ".apiary.json")) {
            m_card.source = text(*origin, "source");
            m_card.revision = text(*origin, "revision");
            m_card.fetched = text(*origin, "fetched");
            if (m_card.licence.empty())
                m_card.licence = text(*origin, "license");
        }
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
        const auto modules = readJson(m_folder / "modules.json");
        if (!modules)
            return;
        if (!modules->is_array())
            throw InputError("is not a list of modules", (m_folder / "modules.json").string(), "fetch it again");
        for (const Json &module : *modules) {
            if (!module.is_object())
                continue;
            const std::string path = text(module, "path");
            if (fs::path(path).is_absolute() || path.find("..") != std::string::npos)
                throw InputError("names a module outside its folder", (m_folder / "modules.json").string(), "");
            if (kind(module) == "Transformer")
                m_network = path;
            else
                m_modules.emplace_back(kind(module), path);
        }
    }

    void readNetwork()
    {
        const fs::path file = m_folder / m_network / "config.json";
        const auto config = readJson(file);
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
            if (const auto sentence = readJson(m_folder / m_network / name); sentence && m_card.maxTokens < 0)
                m_card.maxTokens = number(*sentence, {"max_seq_length"});
        if (m_card.maxTokens < 0)
            if (const auto tokenizer = readJson(m_folder / m_network / "tokenizer_config.json"))
                m_card.maxTokens = number(*tokenizer, {"model_max_length"});
        if (positions > 0)
            m_card.maxTokens = m_card.maxTokens > 0 ? std::min(m_card.maxTokens, positions) : positions;
    }

    void readHead()
    {
        for (const auto &[kind, path] : m_modules) {
            const auto config = readJson(m_folder / path / "config.json");
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
        const auto sentence = readJson(m_folder / "config_sentence_transformers.json");
        if (const auto cut = sentence ? number(*sentence, {"truncate_dim"}) : -1; cut > 0 && cut < m_card.dimension)
            m_card.dimension = cut;
    }

    void readWeights()
    {
        const fs::path network = m_folder / m_network;
        std::vector<fs::path> files;
        std::error_code code;
        if (fs::exists(network / "model.safetensors", code)) {
            files.push_back(network / "model.safetensors");
        } else if (const auto index = readJson(network / "model.safetensors.index.json")) {
            std::set<std::string> names;
            const auto map = index->find("weight_map");
            if (map == index->end() || !map->is_object())
                throw InputError("has no weight_map", (network / "model.safetensors.index.json").string(), "");
            for (const auto &[tensor, file] : map->items())
                if (file.is_string())
                    names.insert(file.get<std::string>());
            for (const std::string &name : names) {
                if (name.find('/') != std::string::npos)
                    throw InputError("names a file elsewhere: " + name,
                                     (network / "model.safetensors.index.json").string(), "");
                files.push_back(network / name);
            }
        }
        if (files.empty())
            throw InputError("there are no weights in safetensors", network.string(),
                             "save the encoder with safetensors, or fetch it again");
        for (const auto &[kind, path] : m_modules)
            if (fs::exists(m_folder / path / "model.safetensors", code))
                files.push_back(m_folder / path / "model.safetensors");
        std::int64_t parameters = 0;
        std::map<std::string, std::int64_t> elements;
        for (const fs::path &file : files) {
            const SafetensorsHead head = readSafetensorsHead(file);
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
        const auto sentence = readJson(m_folder / "config_sentence_transformers.json");
        if (!sentence)
            return;
        if (const auto prompts = sentence->find("prompts"); prompts != sentence->end() && prompts->is_object())
            for (const auto &[name, value] : prompts->items())
                if (value.is_string() && !value.get<std::string>().empty())
                    m_card.prompts.push_back(name);
    }

    fs::path m_folder;
    fs::path m_network;                                         ///< of the Transformer, within the folder
    std::vector<std::pair<std::string, std::string>> m_modules; ///< kind and path of the others
    EncoderCard m_card;
};

} // namespace

EncoderCard readCard(const fs::path &folder)
{
    return Reader(folder).read();
}

} // namespace apiary::hub
