#include "widgets/shell/help_page.h"

#include "widgets/theme/theme.h"

#include <QFile>
#include <QTextBrowser>
#include <QTextDocument>

namespace apiary::widgets {

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
    m_text->setHtml(
        QString::fromUtf8(file.readAll()).replace(QLatin1String("@VERSION@"), QLatin1String(APIARY_VERSION)));
}

QWidget *HelpPage::firstFocus() const
{
    return m_text;
}

} // namespace apiary::widgets
