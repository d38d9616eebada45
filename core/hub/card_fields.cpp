#include "hub/card_fields.h"

#include "base/error.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t maxJson = std::uintmax_t{64} << 20;

} // namespace

std::optional<Json> readJson(const fs::path &file)
{
    std::error_code code;
    if (!fs::exists(file, code))
        return std::nullopt;
    if (!fs::is_regular_file(file, code))
        throw InputError("is no file, but a folder or something else", file.string(),
                         "put the encoder's own file in its place");
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

std::string kind(const Json &module)
{
    const std::string type = text(module, "type");
    return type.substr(type.rfind('.') + 1);
}

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

} // namespace apiary::hub
