#include "data/recipes.h"

#include "base/error.h"
#include "data/strings.h"
#include "dataset_pins.h"
#include "hub/download.h"
#include "hub/durable.h"
#include "hub/sha256.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

namespace apiary::data {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// A file's name that stays in its folder.
bool plainName(const std::string &name)
{
    return !name.empty() && !name.starts_with('.') && name.find_first_of("/\\:") == std::string::npos;
}

bool isHash(const std::string &text)
{
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Recipe readRecipe(const Json &json, const std::string &where)
{
    Recipe recipe;
    recipe.name = json.at("name");
    recipe.title = json.at("title");
    recipe.about = json.at("about");
    recipe.home = json.at("home");
    recipe.licence = json.at("licence");
    recipe.citation = json.value("citation", std::string());
    std::set<std::string> names;
    for (const Json &entry : json.at("files")) {
        RecipeFile file;
        file.file = entry.at("file");
        file.url = entry.at("url");
        file.sha256 = entry.value("sha256", std::string());
        file.bytes = entry.value("bytes", std::int64_t{-1});
        if (!plainName(file.file) || !names.insert(file.file).second)
            throw InputError("\"" + file.file + "\" is no name for a file of its own", where + ", " + recipe.name,
                             "give each file a plain name");
        if (!file.sha256.empty() && !isHash(file.sha256))
            throw InputError("\"" + file.sha256 + "\" is no sha256", where + ", " + recipe.name,
                             "give 64 hexadecimal digits, or leave it out");
        recipe.files.push_back(std::move(file));
    }
    recipe.spec = importSpecOf(json.at("import"), where + ", " + recipe.name + ", import");
    recipe.spec.name = recipe.spec.recipe = recipe.name;
    const auto known = [&](const fs::path &path) {
        if (!path.empty() && !names.contains(path.begin()->string()))
            throw InputError("\"" + path.string() + "\" is none of the recipe's files", where + ", " + recipe.name,
                             "let its path begin with the name of one");
    };
    known(recipe.spec.interactions.file);
    known(recipe.spec.items.file);
    known(recipe.spec.items.descriptions);
    return recipe;
}

/// The hash that the first fetch left; empty where there is none.
std::string trustedHash(const fs::path &file)
{
    std::ifstream stream(file.string() + ".sha256");
    std::string hash;
    stream >> hash;
    return isHash(hash) ? hash : std::string();
}

} // namespace

std::int64_t Recipe::downloadBytes() const
{
    std::int64_t bytes = 0;
    for (const RecipeFile &file : files) {
        if (file.bytes < 0)
            return -1;
        bytes += file.bytes;
    }
    return bytes;
}

std::vector<Recipe> parseRecipes(const std::string &text, const std::string &where)
{
    std::vector<Recipe> result;
    try {
        const Json list = Json::parse(text);
        for (const Json &entry : list.at("recipes"))
            result.push_back(readRecipe(entry, where));
    } catch (const Json::exception &error) {
        throw InputError(std::string("is no list of recipes: ") + error.what(), where,
                         "see resources/pins/datasets.json");
    }
    return result;
}

const std::vector<Recipe> &recipes()
{
    static const std::vector<Recipe> list = parseRecipes(datasetPins, "resources/pins/datasets.json");
    return list;
}

const Recipe &recipe(const std::string &name)
{
    std::vector<std::string> names;
    for (const Recipe &known : recipes()) {
        if (known.name == name)
            return known;
        names.push_back(known.name);
    }
    throw InputError("there is no recipe \"" + name + "\"", "recipe", "those known are: " + listed(names));
}

ImportSpec fetchRecipe(const Recipe &recipe, const fs::path &folder, const hub::Network &network,
                       const ProgressFn &progress, std::stop_token stop)
{
    hub::makeFolders(folder);
    hub::ByteMeter meter("fetching " + recipe.name, std::max<std::int64_t>(recipe.downloadBytes(), 0), progress);
    for (const RecipeFile &file : recipe.files) {
        hub::Download what;
        what.url = file.url;
        what.file = folder / file.file;
        what.size = file.bytes;
        const std::string trusted = file.sha256.empty() ? trustedHash(what.file) : std::string();
        what.sha256 = file.sha256.empty() ? trusted : file.sha256;
        std::error_code ignored;
        if (what.sha256.empty() && fs::exists(what.file, ignored))
            fs::remove(what.file, ignored); // never checked against anything: fetch it anew
        hub::download(what, network, &meter, stop);
        if (file.sha256.empty() && trusted.empty())
            hub::writeDurably(what.file.string() + ".sha256", hub::sha256File(what.file, stop) + "\n");
    }
    ImportSpec spec = recipe.spec;
    const auto place = [&folder](fs::path &path) {
        if (!path.empty())
            path = folder / path;
    };
    place(spec.interactions.file);
    place(spec.items.file);
    place(spec.items.descriptions);
    return spec;
}

} // namespace apiary::data
