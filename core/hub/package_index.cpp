#include "hub/packaged.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;

std::string variable(const char *name)
{
    const char *value = std::getenv(name);
    return value ? value : "";
}

std::string trimmed(const std::string &text)
{
    const auto from = text.find_first_not_of(" \t\r");
    if (from == std::string::npos)
        return {};
    return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

/// `index-url` of the section [global] or [download]; empty where there is none.
std::string indexIn(const fs::path &file)
{
    std::ifstream stream(file);
    std::string line;
    std::string section;
    std::string found;
    while (std::getline(stream, line)) {
        line = trimmed(line);
        if (line.starts_with('[') && line.ends_with(']')) {
            section = line.substr(1, line.size() - 2);
            continue;
        }
        const auto equals = line.find_first_of("=:");
        if (equals == std::string::npos || (section != "global" && section != "download"))
            continue;
        const std::string name = trimmed(line.substr(0, equals));
        if (name == "index-url" || name == "index_url")
            found = trimmed(line.substr(equals + 1));
    }
    return found;
}

/// pip's files, the most particular last.
std::string configuredIndex()
{
    const fs::path home = variable("HOME");
    const std::string config = variable("XDG_CONFIG_HOME");
    std::string found;
    for (const fs::path &file : {fs::path("/etc/pip.conf"), fs::path("/etc/xdg/pip/pip.conf"), home / ".pip/pip.conf",
                                 (config.empty() ? home / ".config" : fs::path(config)) / "pip/pip.conf",
                                 fs::path(variable("PIP_CONFIG_FILE"))})
        if (std::string index = file.empty() ? std::string() : indexIn(file); !index.empty())
            found = std::move(index);
    return found;
}

} // namespace

PackageIndex packageIndex()
{
    PackageIndex index;
    for (const std::string &base : {variable("APIARY_PYPI"), variable("PIP_INDEX_URL"), configuredIndex()})
        if (!base.empty()) {
            index.base = base;
            break;
        }
    std::istringstream links(variable("PIP_FIND_LINKS"));
    for (std::string link; links >> link;)
        if (std::error_code ignored; fs::is_directory(link, ignored))
            index.folders.emplace_back(link);
    return index;
}

} // namespace apiary::hub
