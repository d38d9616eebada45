#pragma once

#include <Eigen/Core>
#include <filesystem>

namespace apiary::run {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// NumPy's .npy format, version 1.0: float32, little-endian, C order, two dimensions.
/// Appears under its name only when complete. Throws Error where the disk is full or the place not writable.
void writeNpy(const std::filesystem::path &file, const Matrix &matrix);
/// Reads what writeNpy writes. Throws InputError naming the file and the fact; the size is checked before allocation.
Matrix readNpy(const std::filesystem::path &file);

} // namespace apiary::run
