#include "run/result_table.h"

#include "base/error.h"
#include "base/number_text.h"
#include "encoder/device.h"
#include "run/run_files.h"
#include "run/version.h"

#include <cmath>
#include <string_view>
#include <utility>

namespace apiary::run {

namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

const ModelOrigin *originOf(const Provenance &provenance, const std::string &model)
{
    for (const ModelOrigin &origin : provenance.models)
        if (origin.model == model)
            return &origin;
    return nullptr;
}

std::string versionOr(const std::string &stored, const std::string &own)
{
    return stored.empty() ? own : stored;
}

std::string runsOf(const SpreadRow &row)
{
    std::string text;
    for (const std::int64_t run : row.runs)
        text += (text.empty() ? "" : ", ") + std::to_string(run);
    return text;
}

/// Users of models that share fewer with the baseline than others do.
std::string usersLine(const eval::Comparison &comparison)
{
    std::string text = std::to_string(comparison.users);
    for (const eval::ComparisonRow &row : comparison.rows)
        for (const eval::ComparisonCell &cell : row.cells)
            if (cell.users > 0 && cell.users != comparison.users) {
                text += ", of " + row.model + " " + std::to_string(cell.users);
                break;
            }
    return text;
}

Lines linesOf(const eval::Comparison &comparison, const Provenance &provenance, const std::vector<SpreadRow> &spreads)
{
    Lines lines{{"dataset", provenance.dataset + " (" + provenance.datasetHash + ")"},
                {"scenario", provenance.scenario + ", split " + versionOr(provenance.splitHash, "not kept")}};
    if (!comparison.segment.empty())
        lines.emplace_back("segment", comparison.segment);
    lines.emplace_back("users", usersLine(comparison));
    lines.emplace_back("intervals", csvNumber(std::round(comparison.level * 1e6) / 1e4) + " %, paired bootstrap, " +
                                        std::to_string(comparison.resamples) + " resamples, seed " +
                                        std::to_string(comparison.seed));
    if (comparison.rows.size() > 1)
        lines.emplace_back("p", eval::testStatement(comparison.rows.size() - 1, !spreads.empty()));
    for (const SpreadRow &row : spreads)
        lines.emplace_back(row.label, "mean ± standard deviation over runs " + runsOf(row));
    for (const ModelOrigin &origin : provenance.models)
        if (!origin.encoder.empty())
            lines.emplace_back("encoder of " + origin.model, origin.encoder);
    lines.emplace_back("experiment", provenance.specHash);
    for (const ModelOrigin &origin : provenance.models)
        if (!origin.spec.empty() && origin.spec != provenance.specHash)
            lines.emplace_back("experiment of " + origin.model, origin.spec);
    lines.emplace_back("made by", "Apiary " + versionOr(provenance.apiary, version) + ", libtorch " +
                                      versionOr(provenance.libtorch, encoder::libtorchVersion()));
    return lines;
}

std::string csv(const eval::Comparison &comparison, const Provenance &provenance, const std::vector<SpreadRow> &spreads)
{
    std::string text =
        "model,metric,mean,low,high,difference,difference_low,difference_high,p,p_holm,deviation,runs,users,segment,"
        "baseline,level,resamples,seed,dataset,dataset_hash,scenario,split_hash,encoder_hash,spec_hash,apiary,"
        "libtorch\n";
    const auto row = [&](const std::string &model, const std::string &metric, const std::string &numbers,
                         const std::string &runs, std::int64_t users) {
        const ModelOrigin *origin = originOf(provenance, model);
        const std::string run = origin && origin->run > 0 ? std::to_string(origin->run) : "";
        const std::string spec = !runs.empty()                     ? "" // several, one a seed
                                 : origin && !origin->spec.empty() ? origin->spec
                                                                   : provenance.specHash;
        text += csvField(model) + "," + csvField(metric) + "," + numbers + "," + csvField(runs.empty() ? run : runs) +
                "," + (users > 0 ? std::to_string(users) : "") + "," + csvField(comparison.segment) + "," +
                csvField(comparison.rows[comparison.baseline].model) + "," + csvNumber(comparison.level) + "," +
                std::to_string(comparison.resamples) + "," + std::to_string(comparison.seed) + "," +
                csvField(provenance.dataset) + "," + provenance.datasetHash + "," + provenance.scenario + "," +
                provenance.splitHash + "," + (origin ? origin->encoder : "") + "," + spec + "," +
                versionOr(provenance.apiary, version) + "," +
                versionOr(provenance.libtorch, encoder::libtorchVersion()) + "\n";
    };
    for (const eval::ComparisonRow &model : comparison.rows) {
        for (std::size_t m = 0; m < comparison.metrics.size(); ++m) {
            const eval::ComparisonCell &cell = model.cells[m];
            if (cell.users == 0)
                continue;
            std::string numbers;
            for (const double value : {cell.mean.mean, cell.mean.low, cell.mean.high, cell.difference.mean,
                                       cell.difference.low, cell.difference.high, cell.p, cell.holm})
                numbers += csvNumber(value) + ",";
            row(model.model, comparison.metrics[m], numbers, "", cell.users);
        }
        for (std::size_t t = 0; t < comparison.totals.size(); ++t)
            if (std::isfinite(model.totals[t]))
                row(model.model, comparison.totals[t], csvNumber(model.totals[t]) + ",,,,,,,,", "", 0);
    }
    for (const SpreadRow &spread : spreads)
        for (std::size_t c = 0; c < spread.cells.size(); ++c)
            if (const eval::Spread &cell = spread.cells[c]; cell.runs > 0)
                row(spread.label,
                    c < comparison.metrics.size() ? comparison.metrics[c]
                                                  : comparison.totals[c - comparison.metrics.size()],
                    csvNumber(cell.mean) + ",,,,,,,," + csvNumber(cell.deviation), runsOf(spread), 0);
    return text;
}

/// What the two formats for people differ in.
struct Marks {
    std::string cellEnd, rowEnd, low, high, unsure, nothing, deviation, minus;
    std::string (*escaped)(const std::string &);
    std::string (*p)(double);

    std::string value(double number) const { return numberText(number, 4, minus); }
    std::string difference(double number) const { return signedText(number, 4, minus); }
    std::string interval(const std::string &from, const std::string &to) const
    {
        return " " + low + from + ", " + to + high;
    }
};

} // namespace

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
    // Signs of our own labels that a text font may lack.
    for (const auto &[sign, command] : {std::pair{"×", "$\\times$"}, {"≈", "$\\approx$"}})
        for (std::size_t at = 0; (at = out.find(sign, at)) != std::string::npos;)
            out.replace(at, std::string_view(sign).size(), command);
    return out;
}

namespace {

std::string markdownP(double p)
{
    return (p < 1e-4 ? "p " : "p = ") + markdownEscaped(eval::probabilityText(p));
}

std::string latexP(double p)
{
    return p < 1e-4 ? "$p<0.0001$" : "$p=" + eval::probabilityText(p) + "$";
}

/// Values with their intervals, then totals; spreads below.
std::string rows(const eval::Comparison &comparison, const std::vector<SpreadRow> &spreads, const Marks &marks)
{
    std::string text;
    for (std::size_t r = 0; r < comparison.rows.size(); ++r) {
        const eval::ComparisonRow &model = comparison.rows[r];
        text += marks.escaped(model.model);
        for (const eval::ComparisonCell &cell : model.cells)
            text += marks.cellEnd +
                    (cell.users == 0
                         ? marks.nothing
                         : marks.value(cell.mean.mean) +
                               marks.interval(marks.value(cell.mean.low), marks.value(cell.mean.high)) +
                               (r == comparison.baseline || cell.toldApart(comparison.level) ? "" : marks.unsure));
        for (const double total : model.totals)
            text += marks.cellEnd + (std::isfinite(total) ? marks.value(total) : marks.nothing);
        text += marks.rowEnd;
    }
    for (const SpreadRow &spread : spreads) {
        text += marks.escaped(spread.label);
        for (const eval::Spread &cell : spread.cells)
            text += marks.cellEnd + (cell.runs == 0
                                         ? marks.nothing
                                         : marks.value(cell.mean) + marks.deviation + numberText(cell.deviation, 2));
        text += marks.rowEnd;
    }
    return text;
}

/// Differences to the baseline with their intervals and p-values.
std::string differences(const eval::Comparison &comparison, const Marks &marks)
{
    std::string text;
    for (std::size_t r = 0; r < comparison.rows.size(); ++r) {
        if (r == comparison.baseline)
            continue;
        text += marks.escaped(comparison.rows[r].model);
        for (const eval::ComparisonCell &cell : comparison.rows[r].cells)
            text += marks.cellEnd + (cell.users == 0 ? marks.nothing
                                                     : marks.difference(cell.difference.mean) +
                                                           marks.interval(marks.difference(cell.difference.low),
                                                                          marks.difference(cell.difference.high)) +
                                                           (cell.toldApart(comparison.level) ? "" : marks.unsure) +
                                                           ", " + marks.p(cell.holm));
        text += marks.rowEnd;
    }
    return text;
}

std::string markdownTable(const std::vector<std::string> &columns, std::string body)
{
    std::string head = "| model", rule = "|---";
    for (const std::string &name : columns) {
        head += " | " + markdownEscaped(name);
        rule += "|---:";
    }
    body.resize(body.size() - 2); // the beginning of a row that does not come
    return head + " |\n" + rule + "|\n| " + body + "\n";
}

std::string markdown(const eval::Comparison &comparison, const Provenance &provenance,
                     const std::vector<SpreadRow> &spreads)
{
    const Marks marks{" | ", " |\n| ", "[", "]", " ~", "–", " ± ", "−", markdownEscaped, markdownP};
    std::vector<std::string> columns = comparison.metrics;
    columns.insert(columns.end(), comparison.totals.begin(), comparison.totals.end());
    const std::string baseline = markdownEscaped(comparison.rows[comparison.baseline].model);
    std::string text = markdownTable(columns, rows(comparison, spreads, marks));
    if (comparison.rows.size() > 1 && !comparison.metrics.empty())
        text +=
            "Differences to " + baseline + ":\n\n" + markdownTable(comparison.metrics, differences(comparison, marks));
    text += "`~`: not told apart from " + baseline + " (" + eval::unsureStatement(comparison.level) + ").\n\n";
    for (const auto &[name, value] : linesOf(comparison, provenance, spreads))
        text += "- " + markdownEscaped(name) + ": " + markdownEscaped(value) + "\n";
    return text;
}

std::string latexTable(const std::vector<std::string> &columns, const std::string &body)
{
    std::string text = "\\begin{tabular}{l" + std::string(columns.size(), 'r') + "}\n\\toprule\nmodel";
    for (const std::string &name : columns)
        text += " & " + latexEscaped(name);
    return text + " \\\\\n\\midrule\n" + body + "\\bottomrule\n\\end{tabular}\n";
}

std::string latex(const eval::Comparison &comparison, const Provenance &provenance,
                  const std::vector<SpreadRow> &spreads)
{
    const Marks marks{" & ", " \\\\\n", "{\\small[", "]}", "$^\\sim$", "--", " $\\pm$ ", "$-$", latexEscaped, latexP};
    std::vector<std::string> columns = comparison.metrics;
    columns.insert(columns.end(), comparison.totals.begin(), comparison.totals.end());
    const std::string baseline = comparison.rows[comparison.baseline].model;
    std::string text = "% the rules need \\usepackage{booktabs}\n";
    for (const auto &[name, value] : linesOf(comparison, provenance, spreads))
        text += "% " + name + ": " + value + "\n";
    text += "% a tilde marks what is not told apart from " + baseline + ": " + eval::unsureStatement(comparison.level) +
            "\n" + latexTable(columns, rows(comparison, spreads, marks));
    if (comparison.rows.size() > 1 && !comparison.metrics.empty())
        text +=
            "\n% differences to " + baseline + "\n" + latexTable(comparison.metrics, differences(comparison, marks));
    return text;
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

std::string exportTable(const eval::Comparison &comparison, const Provenance &provenance, TableFormat format,
                        const std::vector<SpreadRow> &spreads)
{
    if (comparison.baseline >= comparison.rows.size())
        return {};
    switch (format) {
    case TableFormat::Markdown:
        return markdown(comparison, provenance, spreads);
    case TableFormat::Latex:
        return latex(comparison, provenance, spreads);
    case TableFormat::Csv:
        break;
    }
    return csv(comparison, provenance, spreads);
}

} // namespace apiary::run
