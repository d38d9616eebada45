#include "recsys/ials.h"

#include "recsys/dense_layer.h"
#include "recsys/fitting.h"
#include "recsys/kinds.h"
#include "recsys/row_kernels.h"
#include "recsys/state.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/random.h"
#include "data/interactions.h"

#include <Eigen/Cholesky>
#include <cassert>
#include <optional>

namespace apiary::recsys {

namespace {

constexpr int cgSteps = 3;
constexpr std::int64_t gramParts = 64; // a fixed number, so that the order of the sum is fixed
constexpr std::int64_t rowsATask = 64;

/// YᵀY + λI, [factors × stride].
PaddedMatrix regularisedGram(const PaddedMatrix &y, std::int64_t factors, double regularization, int threads)
{
    const std::int64_t size = factors * y.stride();
    PaddedMatrix parts(gramParts, size);
    const std::int64_t rows = (y.rows() + gramParts - 1) / gramParts;
    parallelTasks(gramParts, threadCount(threads, gramParts), [&](std::int64_t part) {
        addGram(y, std::min(y.rows(), part * rows), std::min(y.rows(), (part + 1) * rows), factors, parts.row(part));
    });
    PaddedMatrix gram(factors, y.stride());
    for (std::int64_t part = 0; part < gramParts; ++part)
        addTo(gram.row(0), parts.row(part), size);
    for (std::int64_t a = 0; a < factors; ++a)
        gram.row(a)[a] += static_cast<float>(regularization);
    return gram;
}

using Factorised = Eigen::LLT<Eigen::MatrixXf>;

/// The least squares of one row in closed form.
class ExactSolver {
public:
    ExactSolver(const PaddedMatrix &gram, std::int64_t factors, double confidence)
        : m_gram(gram)
        , m_factors(factors)
        , m_confidence(static_cast<float>(confidence))
    {
        // With a confidence of 1 the matrix is the same for every row.
        if (confidence == 1)
            m_shared.emplace(factorise(m_gram));
    }

    void solve(const PaddedMatrix &y, std::span<const std::int32_t> items, float *x) const
    {
        PaddedMatrix right(1, y.stride());
        PaddedMatrix matrix(m_shared ? 0 : m_factors, y.stride());
        if (m_shared)
            for (const std::int32_t item : items)
                addTo(right.row(0), y.row(item), y.stride());
        else
            normalEquations({y, items, m_gram.row(0), m_factors, m_confidence}, matrix.row(0), right.row(0));
        const Eigen::VectorXf b = Eigen::Map<const Eigen::VectorXf>(right.row(0), m_factors);
        const Eigen::VectorXf solution = m_shared ? m_shared->solve(b) : factorise(matrix).solve(b);
        std::copy_n(solution.data(), m_factors, x);
    }

private:
    Factorised factorise(const PaddedMatrix &matrix) const
    {
        const Eigen::MatrixXf dense = Eigen::Map<const Eigen::MatrixXf, 0, Eigen::OuterStride<>>(
            matrix.row(0), m_factors, m_factors, Eigen::OuterStride<>(matrix.stride()));
        Factorised result(dense);
        if (result.info() != Eigen::Success)
            throw Error("the least squares of iALS have no single solution", "recommender ials",
                        "choose a larger regularization");
        return result;
    }

    const PaddedMatrix &m_gram;
    std::int64_t m_factors;
    float m_confidence;
    std::optional<Factorised> m_shared;
};

/// One half of an iteration: x from y.
void solveAll(const CsrView &rows, const IalsParameters &p, const FitContext &context, const PaddedMatrix &y,
              PaddedMatrix &x, ProgressMeter &meter)
{
    const PaddedMatrix gram = regularisedGram(y, p.factors, p.regularization, context.threads);
    std::optional<ExactSolver> exact;
    if (!p.useCg)
        exact.emplace(gram, p.factors, p.alpha);
    const std::int64_t tasks = (rows.rows + rowsATask - 1) / rowsATask;
    const auto solve = [&](std::int64_t task) {
        throwIfStopped(context.stop);
        PaddedMatrix work(3, y.stride());
        for (std::int64_t r = task * rowsATask; r < std::min(rows.rows, (task + 1) * rowsATask); ++r) {
            const auto items = rows.row(r);
            if (items.empty())
                std::fill_n(x.row(r), x.stride(), 0.0F);
            else if (exact)
                exact->solve(y, items, x.row(r));
            else
                conjugateGradients({y, items, gram.row(0), p.factors, static_cast<float>(p.alpha)}, cgSteps, x.row(r),
                                   work.row(0));
        }
    };
    std::int64_t left = rows.rows; // the last task is shorter
    parallelTasks(tasks, threadCount(context.threads, tasks), solve, [&](std::int64_t done) {
        const std::int64_t solved = std::min(left, done * rowsATask);
        left -= solved;
        meter.advance(solved);
    });
}

/// Small numbers of one sign, as in `implicit`: [0, 0.01).
PaddedMatrix initialFactors(std::int64_t rows, std::int64_t factors, std::uint64_t key)
{
    PaddedMatrix result(rows, factors);
    for (std::int64_t r = 0; r < rows; ++r) {
        CounterRng random(mixKey(key, r));
        for (std::int64_t k = 0; k < factors; ++k)
            result.row(r)[k] = static_cast<float>(random.uniform() * 0.01);
    }
    return result;
}

/// Implicit ALS (Hu, Koren, Volinsky 2008), as the package `implicit` computes it: the confidence of an interaction is
/// alpha, that of all others 1. A user's factors follow from the row that is to be scored, in closed form.
class Ials final : public Recommender {
public:
    explicit Ials(IalsParameters parameters) : m_parameters(parameters) {}

    std::string name() const override { return "ials"; }
    std::string kind() const override { return "ials"; }
    Json parameters() const override { return toJson(m_parameters); }

    void fit(const CsrView &interactions, const FitContext &context) override
    {
        m_users.emplace(trainIals(interactions, m_parameters, context));
    }

    void take(PaddedMatrix &&items) { m_users.emplace(std::move(items), m_parameters); }

    void score(const CsrView &sources, std::int64_t firstUser, std::span<const std::int32_t> candidates,
               ScoreBlock &scores) const override
    {
        checkItems(name(), m_users ? m_users->items().rows() : 0, sources);
        PaddedMatrix users(usersABlock, m_users->items().stride());
        for (Eigen::Index begin = 0; begin < scores.rows(); begin += usersABlock) {
            const std::int64_t count = std::min<std::int64_t>(usersABlock, scores.rows() - begin);
            for (std::int64_t i = 0; i < count; ++i)
                m_users->solve(sources.row(firstUser + begin + i), users.row(i));
            dots(users, count, m_users->items(), candidates, scores.row(begin).data(), scores.outerStride());
        }
    }

    void saveState(StateWriter &state) const override
    {
        const PaddedMatrix &items = m_users->items();
        state.put("items", at::from_blob(const_cast<float *>(items.row(0)), {items.rows(), m_parameters.factors},
                                         {items.stride(), 1}, at::kFloat));
    }

    void loadState(const StateReader &state) override
    {
        take(padded(state.floats("items", {-1, m_parameters.factors})));
    }

private:
    IalsParameters m_parameters;
    std::optional<UserSolver> m_users;
};

} // namespace

struct UserSolver::Parts {
    PaddedMatrix items;
    PaddedMatrix gram;
    ExactSolver solver;
    std::int64_t factors;

    Parts(PaddedMatrix all, const IalsParameters &p)
        : items(std::move(all))
        , gram(regularisedGram(items, p.factors, p.regularization, 1))
        , solver(gram, p.factors, p.alpha)
        , factors(p.factors)
    {
    }
};

UserSolver::UserSolver(PaddedMatrix items, const IalsParameters &parameters)
    : m_parts(std::make_unique<Parts>(std::move(items), parameters))
{
}

UserSolver::~UserSolver() = default;
UserSolver::UserSolver(UserSolver &&) noexcept = default;
UserSolver &UserSolver::operator=(UserSolver &&) noexcept = default;

const PaddedMatrix &UserSolver::items() const
{
    return m_parts->items;
}

void UserSolver::solve(std::span<const std::int32_t> source, float *x) const
{
    if (source.empty())
        std::fill_n(x, m_parts->factors, 0.0F);
    else
        m_parts->solver.solve(m_parts->items, source, x);
}

UserSolver trainIals(const CsrView &interactions, const IalsParameters &parameters, const FitContext &context)
{
    const auto seed = static_cast<std::uint64_t>(parameters.seed);
    const auto rows = static_cast<double>(interactions.rows + interactions.cols);
    checkMemory(rows * static_cast<double>(parameters.factors + 15) * sizeof(float), "iALS");
    PaddedMatrix users = initialFactors(interactions.rows, parameters.factors, mixKey(seed, 0));
    PaddedMatrix items = initialFactors(interactions.cols, parameters.factors, mixKey(seed, 1));
    alternate(interactions, parameters, context, users, items);
    return {std::move(items), parameters};
}

std::vector<Parameter<IalsParameters>> IalsParameters::table()
{
    using P = IalsParameters;
    return {whole("factors", &P::factors, 1, 4096, "Length of a user's and an item's vector."),
            number("regularization", &P::regularization, 1e-9, 1e6, "Weight of the L2 penalty on the factors."),
            number("alpha", &P::alpha, 1, 1e6, "Confidence of an interaction; that of all other pairs is 1."),
            whole("iterations", &P::iterations, 1, 10000, "How often users and items are solved in turn."),
            flag("use_cg", &P::useCg, "Three steps of conjugate gradients in place of a closed form: faster."),
            seedParameter(&P::seed)};
}

void alternate(const CsrView &interactions, const IalsParameters &parameters, const FitContext &context,
               PaddedMatrix &users, PaddedMatrix &items)
{
    assert(users.rows() == interactions.rows && items.rows() == interactions.cols);
    const Csr transposed = data::transposed(interactions);
    const std::int64_t rows = (interactions.rows + interactions.cols) * parameters.iterations;
    ProgressMeter meter("alternating least squares", "rows", rows, context.progress);
    for (std::int64_t i = 0; i < parameters.iterations; ++i) {
        solveAll(interactions, parameters, context, items, users, meter);
        solveAll(transposed, parameters, context, users, items, meter);
    }
}

std::unique_ptr<Recommender> ialsOf(const IalsParameters &parameters, PaddedMatrix items)
{
    auto model = std::make_unique<Ials>(parameters);
    model->take(std::move(items));
    return model;
}

Kind ialsKind()
{
    return kindOf<IalsParameters>(
        {.kind = "ials",
         .label = "iALS",
         .help = "Users and items as vectors, found by least squares that take what nobody touched for a weak no.",
         .source = "Hu, Koren, Volinsky, Collaborative Filtering for Implicit Feedback Datasets, ICDM 2008; names and "
                   "defaults of implicit 0.7.3"},
        [](const IalsParameters &p) { return std::make_unique<Ials>(p); });
}

} // namespace apiary::recsys
