#pragma once

#include "encoder/packed_tokens.h"
#include "run/inputs.h"
#include "run/runner.h"
#include "store/project.h"
#include "train/trainer.h"

#include <chrono>
#include <optional>

namespace apiary::run {

class Recorder;

/// One run, stage after stage, in the calling thread.
class Job {
public:
    Job(const RunSpec &spec, store::Project &project, Recorder &recorder, PauseGate &gate, std::stop_token stop,
        store::RunRecord record);

    /// Runs all stages; a stop is a result, too. Throws where the run failed.
    RunResult run();
    /// Marks the run failed, as far as the store still can. The last good weights are kept where training itself failed.
    void fail(const std::string &message);
    int totalSteps() const { return m_record.totalSteps; }

private:
    void prepare(); ///< data, split, encoder, tokens
    void encodeUntrained();
    bool trains() const; ///< a zero-shot run evaluates only
    void train();
    void trainOrKeep();
    double validate(int step);
    void test(); ///< the one evaluation on test items
    void saveEncoder();
    store::EncoderRecord publishEncoder();
    void publish(RunStatus status, bool keepFiles);
    RunResult finish(RunStatus status);

    void evaluateOnTest(const TestSettings &settings, std::vector<eval::Evaluation> &evaluations);
    void onStep(const train::StepReport &report);
    void waitWhilePaused();
    ProgressFn progress(const std::string &stage, const std::string &unit = "items");

    const RunSpec &m_spec;
    store::Project &m_project;
    Recorder &m_recorder;
    PauseGate &m_gate;
    std::stop_token m_stop;
    store::RunRecord m_record;

    Inputs m_inputs;
    std::vector<std::int32_t> m_validationItems; ///< training items and candidates: all that a validation reads
    std::unique_ptr<embed::SentenceEncoder> m_encoder;
    text::TokenBatch m_tokens;
    std::filesystem::path m_staging;
    embed::Embeddings m_untrained;
    embed::Embeddings m_tuned; ///< by the best weights; empty until the test
    std::optional<double> m_best;
    std::chrono::steady_clock::time_point m_trainingBegan;
    int m_steps = 0;
    bool m_complete = false;      ///< tested
    bool m_keepOnFailure = false; ///< training failed after steps that were good
    std::vector<store::MetricRecord> m_metrics;
    store::TestDetails m_details;
    eval::Comparison m_comparison;
};

} // namespace apiary::run
