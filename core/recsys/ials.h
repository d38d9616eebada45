#pragma once

#include "recsys/dots.h"
#include "recsys/parameters.h"

#include <memory>
#include <span>

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
/// The factors of a user who has some items, in closed form from the items' factors.
class UserSolver {
public:
    UserSolver(PaddedMatrix items, const IalsParameters &parameters);
    ~UserSolver();
    UserSolver(UserSolver &&) noexcept;
    UserSolver &operator=(UserSolver &&) noexcept;

    const PaddedMatrix &items() const;
    /// x: as many floats as there are factors; zeros where `source` is empty.
    void solve(std::span<const std::int32_t> source, float *x) const;

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

/// Trains from a draw.
UserSolver trainIals(const CsrView &interactions, const IalsParameters &parameters, const FitContext &context);
/// A recommender with these item factors.
std::unique_ptr<Recommender> ialsOf(const IalsParameters &parameters, PaddedMatrix items);

} // namespace apiary::recsys
