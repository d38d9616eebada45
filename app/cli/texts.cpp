#include "cli/texts.h"

#include "base/error.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

namespace apiary::cli {

std::vector<std::string> readTexts(const std::string &file, const std::string &field)
{
    std::ifstream stream;
    if (file != "-") {
        stream.open(file, std::ios::binary);
        if (!stream || std::filesystem::is_directory(file))
            throw InputError("the file cannot be read", file, "name a text file with --texts");
    }
    std::istream &in = file == "-" ? std::cin : stream;
    std::vector<std::string> texts;
    for (std::string line; std::getline(in, line);) {
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        if (field.empty()) {
            texts.push_back(line);
            continue;
        }
        const std::string where = file + ":" + std::to_string(texts.size() + 1);
        const auto json = nlohmann::json::parse(line, nullptr, false);
        if (!json.is_object())
            throw InputError("expected a JSON object", where, "leave --field out for plain text");
        const auto value = json.find(field);
        if (value == json.end() || !value->is_string())
            throw InputError("the object has no text \"" + field + "\"", where, "name another field with --field");
        texts.push_back(value->get<std::string>());
    }
    return texts;
}

} // namespace apiary::cli
