#include "run/result_table.h"

#include "base/error.h"
#include "encoder/device.h"
#include "run/run_files.h"
#include "run/version.h"

#include <array>
#include <cstdio>

namespace apiary::run {

namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

std::string digits(double value, const char *format = "%.4f")
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

const std::string *hashOf(const Provenance &provenance, const std::string &model)
{
    for (const auto &[name, hash] : provenance.encoders)
        if (name == model)
            return &hash;
    return nullptr;
}

Lines linesOf(const eval::Comparison &comparison, const Provenance &provenance)
{
    Lines lines{{"dataset", provenance.dataset + " (" + provenance.datasetHash + ")"},
                {"scenario", provenance.scenario + ", split " + provenance.splitHash},
                {"users", std::to_string(comparison.users)},
                {"intervals", digits(100 * comparison.level, "%g") + " %, paired bootstrap, " +
                                  std::to_string(comparison.resamples) + " resamples, seed " +
                                  std::to_string(comparison.seed)}};
    for (const auto &[model, hash] : provenance.encoders)
        lines.emplace_back("encoder " + model, hash);
    lines.emplace_back("experiment", provenance.specHash);
    lines.emplace_back("made by", "Apiary " + std::string(version) + ", libtorch " + encoder::libtorchVersion());
    return lines;
}

std::string csv(const eval::Comparison &comparison, const Provenance &provenance)
{
    std::string text = "model,metric,mean,low,high,difference,difference_low,difference_high,p,p_holm,baseline,users,"
                       "dataset,dataset_hash,scenario,split_hash,encoder_hash,spec_hash,apiary,libtorch\n";
    const auto row = [&](const std::string &model, const std::string &metric, const std::string &numbers) {
        const std::string *hash = hashOf(provenance, model);
        text += csvField(model) + "," + csvField(metric) + "," + numbers + "," +
                csvField(comparison.rows[comparison.baseline].model) + "," + std::to_string(comparison.users) + "," +
                csvField(provenance.dataset) + "," + provenance.datasetHash + "," + provenance.scenario + "," +
                provenance.splitHash + "," + (hash ? *hash : "") + "," + provenance.specHash + "," + version + "," +
                encoder::libtorchVersion() + "\n";
    };
    for (const eval::ComparisonRow &model : comparison.rows) {
        for (std::size_t m = 0; m < comparison.metrics.size(); ++m) {
            const eval::ComparisonCell &cell = model.cells[m];
            std::string numbers;
            for (const double value : {cell.mean.mean, cell.mean.low, cell.mean.high, cell.difference.mean,
                                       cell.difference.low, cell.difference.high, cell.p, cell.holm})
                numbers += (numbers.empty() ? "" : ",") + csvNumber(value);
            row(model.model, comparison.metrics[m], numbers);
        }
        for (std::size_t t = 0; t < comparison.totals.size(); ++t)
            row(model.model, comparison.totals[t], csvNumber(model.totals[t]) + ",,,,,,,");
    }
    return text;
}

/// What the two formats for people differ in.
struct Marks {
    std::string cellEnd, rowEnd, low, high, unsure;
    std::string (*escaped)(const std::string &);
};

std::string markdownEscaped(const std::string &text)
{
    std::string out;
    for (const char c : text)
        out += c == '|' || c == '*' || c == '_' || c == '<' ? std::string("\\") + c : std::string(1, c);
    return out;
}

std::string latexEscaped(const std::string &text)
{
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\textbackslash{}";
        else if (c == '~' || c == '^')
            out += std::string("\\") + c + "{}";
        else
            out += std::string("%&$#_{}").find(c) != std::string::npos ? std::string("\\") + c : std::string(1, c);
    }
    return out;
}

std::string rows(const eval::Comparison &comparison, const Marks &marks)
{
    std::string text;
    for (std::size_t r = 0; r < comparison.rows.size(); ++r) {
        const eval::ComparisonRow &model = comparison.rows[r];
        text += marks.escaped(model.model);
        for (const eval::ComparisonCell &cell : model.cells)
            text += marks.cellEnd + digits(cell.mean.mean) + " " + marks.low + digits(cell.mean.low) + ", " +
                    digits(cell.mean.high) + marks.high +
                    (r != comparison.baseline && cell.difference.holdsZero() ? marks.unsure : "");
        for (const double total : model.totals)
            text += marks.cellEnd + digits(total);
        text += marks.rowEnd;
    }
    return text;
}

std::string markdown(const eval::Comparison &comparison, const Provenance &provenance)
{
    const Marks marks{" | ", " |\n| ", "[", "]", " ~", markdownEscaped};
    std::string head = "| model", rule = "|---";
    for (const auto *names : {&comparison.metrics, &comparison.totals})
        for (const std::string &name : *names) {
            head += " | " + markdownEscaped(name);
            rule += "|---:";
        }
    std::string body = "| " + rows(comparison, marks);
    body.resize(body.size() - 2); // the beginning of a row that does not come
    std::string text = head + " |\n" + rule + "|\n" + body + "\n`~`: the interval of the difference to " +
                       markdownEscaped(comparison.rows[comparison.baseline].model) + " holds zero.\n\n";
    for (const auto &[name, value] : linesOf(comparison, provenance))
        text += "- " + markdownEscaped(name) + ": " + markdownEscaped(value) + "\n";
    return text;
}

std::string latex(const eval::Comparison &comparison, const Provenance &provenance)
{
    const Marks marks{" & ", " \\\\\n", "{\\small[", "]}", "$^\\sim$", latexEscaped};
    std::string text;
    for (const auto &[name, value] : linesOf(comparison, provenance))
        text += "% " + name + ": " + value + "\n";
    text += "% a tilde marks a difference to " + comparison.rows[comparison.baseline].model +
            " whose interval holds zero\n\\begin{tabular}{l" +
            std::string(comparison.metrics.size() + comparison.totals.size(), 'r') + "}\n\\toprule\nmodel";
    for (const auto *names : {&comparison.metrics, &comparison.totals})
        for (const std::string &name : *names)
            text += " & " + latexEscaped(name);
    return text + " \\\\\n\\midrule\n" + rows(comparison, marks) + "\\bottomrule\n\\end{tabular}\n";
}

} // namespace

TableFormat tableFormatOf(const std::filesystem::path &file)
{
    const std::string end = file.extension().string();
    if (end == ".csv")
        return TableFormat::Csv;
    if (end == ".md")
        return TableFormat::Markdown;
    if (end == ".tex")
        return TableFormat::Latex;
    throw InputError("a table cannot be written as \"" + end + "\"", file.string(),
                     "end the name in .csv, .md or .tex");
}

std::string exportTable(const eval::Comparison &comparison, const Provenance &provenance, TableFormat format)
{
    switch (format) {
    case TableFormat::Markdown:
        return markdown(comparison, provenance);
    case TableFormat::Latex:
        return latex(comparison, provenance);
    case TableFormat::Csv:
        break;
    }
    return csv(comparison, provenance);
}

} // namespace apiary::run
