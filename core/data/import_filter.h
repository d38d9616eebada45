#pragma once

#include "data/dataset.h"
#include "data/import_items.h"
#include "data/import_rows.h"

#include <stop_token>

namespace apiary::data {

/// Runs the filters' steps over `rows`, with their counts and warnings in `dataset` and what each left out in `report`, then
/// fills in the dataset's interactions and catalogue with what is left. Throws InputError where a step leaves nothing, Cancelled on stop.
void filterAndBuild(const ImportSpec &spec, const ItemRows &items, InteractionRows &rows, Dataset &dataset,
                    ImportReport &report, const ProgressFn &progress, std::stop_token stop);

} // namespace apiary::data
