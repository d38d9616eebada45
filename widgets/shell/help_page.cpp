#include "widgets/shell/help_page.h"

#include "recsys/registry.h"
#include "widgets/theme/theme.h"

#include <QFile>
#include <QTextBrowser>
#include <QTextDocument>

#include <nlohmann/json.hpp>

namespace apiary::widgets {

namespace {

/// The recommenders and their parameters, from the table that the command line's list is made of.
QString recommenderList()
{
    const auto escaped = [](const std::string &text) { return QString::fromStdString(text).toHtmlEscaped(); };
    QString html;
    for (const recsys::RecommenderInfo &info : recsys::recommenders()) {
        html += QStringLiteral("<p><b>%1</b>: %2 <span class=\"muted\">%3.</span></p>")
                    .arg(escaped(info.kind), escaped(info.help), escaped(info.source));
        if (info.parameters.empty())
            continue;
        const auto defaults = recsys::defaultParameters(info.kind);
        html += QStringLiteral("<table>");
        for (const recsys::ParameterInfo &parameter : info.parameters)
            html += QStringLiteral("<tr><td><code>%1=%2</code></td><td>%3. %4</td></tr>")
                        .arg(escaped(parameter.name), escaped(recsys::shown(defaults.at(parameter.name))),
                             escaped(recsys::expectation(parameter)), escaped(parameter.help));
        html += QStringLiteral("</table>");
    }
    return html;
}

} // namespace

HelpPage::HelpPage(QWidget *parent)
    : Page(tr("Help"), tr("What each page shows, what the numbers mean, and the keys"), parent)
    , m_text(new QTextBrowser)
{
    m_text->setOpenExternalLinks(true);
    m_text->setAccessibleName(tr("Manual"));
    m_text->document()->setDocumentMargin(space::section);
    setContent(m_text);
    connect(&Theme::instance(), &Theme::changed, this, &HelpPage::render);
    render();
}

void HelpPage::render()
{
    QFile file(QStringLiteral(":/help/index.html"));
    if (!file.open(QIODevice::ReadOnly))
        return;
    const Theme &theme = Theme::instance();
    m_text->document()->setDefaultStyleSheet(
        QStringLiteral(
            "h2 { margin-top: 18px; } td { padding: 2px 16px 2px 0; } .muted { color: %1; } a { color: %2; }")
            .arg(theme.mutedText().name(), theme.interactions().name()));
    m_text->setHtml(QString::fromUtf8(file.readAll())
                        .replace(QLatin1String("@VERSION@"), QLatin1String(APIARY_VERSION))
                        .replace(QLatin1String("@RECOMMENDERS@"), recommenderList()));
}

QWidget *HelpPage::firstFocus() const
{
    return m_text;
}

} // namespace apiary::widgets
