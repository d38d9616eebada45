#pragma once

#include "recsys/dots.h"
#include "recsys/parameters.h"

namespace apiary::recsys {

struct IalsParameters {
    std::int64_t factors = 100;
    double regularization = 0.01;
    double alpha = 1;
    std::int64_t iterations = 15;
    bool useCg = true;
    std::int64_t seed = 42;

    static std::vector<Parameter<IalsParameters>> table();
};

/// Alternates least squares: the users' factors from the items', then the items' from the users'. Both start as given
/// and end as learned; rows are users (or items), columns factors. Bits depend neither on threads nor on anything but
/// the arguments (and the processor's instruction set).
void alternate(const CsrView &interactions, const IalsParameters &parameters, const FitContext &context,
               PaddedMatrix &users, PaddedMatrix &items);
/// A recommender with these item factors.
std::unique_ptr<Recommender> ialsOf(const IalsParameters &parameters, PaddedMatrix items);

} // namespace apiary::recsys
