#pragma once

#include "data/dataset.h"
#include "data/import_items.h"
#include "data/import_rows.h"

#include <stop_token>

namespace apiary::data {

/// Runs the filters' steps over `rows`, with their counts and warnings in `dataset`, then fills in its interactions and
/// catalogue with what is left. Throws InputError where a step leaves nothing, Cancelled on stop.
void filterAndBuild(const ImportSpec &spec, const ItemRows &items, InteractionRows &rows, Dataset &dataset,
                    std::stop_token stop);

} // namespace apiary::data
