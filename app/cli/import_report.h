#pragma once

#include "cli/commands.h"
#include "data/import.h"
#include "data/recipes.h"

#include <filesystem>
#include <nlohmann/json.hpp>

namespace apiary::cli {

/// The first rows of a completed spec's files, the roles of their columns and the first items' texts.
void printPreview(const data::ImportSpec &spec, int rows, const Context &context);
/// What an import came to, for reading.
void printImported(const data::Imported &imported, const std::filesystem::path &folder);
nlohmann::ordered_json toJson(const data::Recipe &recipe);

} // namespace apiary::cli
