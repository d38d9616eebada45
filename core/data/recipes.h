#pragma once

#include "base/progress.h"
#include "data/import_spec.h"
#include "hub/transfer.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::data {

/// A file of a known dataset.
struct RecipeFile {
    std::string file; ///< its name in the folder it is fetched into
    std::string url;
    std::string sha256;      ///< empty: not known; the first fetch's is kept beside the file and holds from then on
    std::int64_t bytes = -1; ///< -1: not known
};

/// A public dataset that can be fetched and imported by name; from resources/pins/datasets.json.
struct Recipe {
    std::string name; ///< "ml-25m"
    std::string title;
    std::string about;
    std::string home;    ///< a page about it
    std::string licence; ///< in full, to be shown before anything is fetched
    std::string citation;
    std::vector<RecipeFile> files;
    ImportSpec spec; ///< its paths begin with the names of the files

    std::int64_t downloadBytes() const; ///< -1 where not known for every file
};

const std::vector<Recipe> &recipes();
/// Throws InputError that lists the names.
const Recipe &recipe(const std::string &name);
/// Recipes of another list; for tests and for mirrors.
std::vector<Recipe> parseRecipes(const std::string &json, const std::string &where);

/// Fetches the files into `folder` (those there already and right stay; broken transfers go on), checks them and returns
/// the recipe's spec with paths into `folder`. Where the sha256 is not known, that of the first fetch is written to
/// FILE.sha256 and a different one later is an error. The caller has shown the licence. Throws as hub::download().
ImportSpec fetchRecipe(const Recipe &recipe, const std::filesystem::path &folder, const hub::Network &network,
                       const ProgressFn &progress = {}, std::stop_token stop = {});

} // namespace apiary::data
