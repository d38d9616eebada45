#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace apiary::store {
struct RunRecord;
}

namespace apiary::run {

/// How an encoder is called where its folder alone does not tell: what a run saved, ".../PROJECT/models/3/encoder", is
/// "run 3 of PROJECT"; a revision in a hub's cache has its repository's name; another folder called "encoder" or "model"
/// gets its parent before it. Any other keeps `name`, or its folder's where that is empty.
std::string encoderLabel(const std::filesystem::path &folder, const std::string &name = {});

/// The name of the encoder that a run started from.
std::string startingEncoderLabel(const store::RunRecord &run);

/// What tables call the encoder that training starts from: "all-MiniLM-L6-v2, untrained".
std::string untrainedLabel(const std::string &encoder);
/// What they call the one that came of a run: "films, tuned", without a name "run 3, tuned".
std::string tunedLabel(const store::RunRecord &run);

/// Names that stand twice get their folder's parent before them.
void tellEncodersApart(const std::vector<std::filesystem::path> &folders, std::vector<std::string> &names);

} // namespace apiary::run
