#include "widgets/encoders/encoder_settings.h"

#include "embed/embedding_cache.h"
#include "hub/hub_client.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <cmath>

namespace apiary::widgets {

namespace {
constexpr double gibibyte = 1024.0 * 1024.0 * 1024.0;
}

EncoderSettings::EncoderSettings(QWidget *parent)
    : QWidget(parent)
    , m_cache(new TaskRunner(this))
    , m_base(new QLineEdit)
    , m_offline(new QCheckBox(tr("Offline: fetch nothing from the network")))
    , m_limit(new QDoubleSpinBox)
    , m_used(new QLabel)
    , m_clear(new QToolButton)
{
    m_base->setAccessibleName(tr("Address of the hub"));
    m_base->setToolTip(tr("Another address for mirrors; empty for HF_ENDPOINT or the public hub"));
    m_base->setObjectName(QStringLiteral("hubBase"));
    m_offline->setObjectName(QStringLiteral("offline"));
    m_limit->setAccessibleName(tr("Limit of the embedding cache"));
    m_limit->setObjectName(QStringLiteral("cacheLimit"));
    m_limit->setToolTip(tr("Embeddings are kept up to this size, so that nothing is encoded twice; 0 keeps none"));
    m_limit->setSuffix(tr(" GiB"));
    m_limit->setDecimals(1);
    m_limit->setRange(0, 10'000);
    m_limit->setSingleStep(0.5);
    m_limit->setAlignment(Qt::AlignRight);
    m_limit->setKeyboardTracking(false);
    Theme::instance().makeMuted(m_used);
    m_clear->setText(tr("Clear"));
    m_clear->setToolTip(tr("Delete what is kept; it is made again when it is needed"));
    m_clear->setAccessibleName(tr("Clear the embedding cache"));
    m_clear->setAutoRaise(true);

    auto *form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(space::section);
    form->setVerticalSpacing(space::group);
    form->addRow(tr("Default hub"), m_base);
    form->addRow(tr("Network"), m_offline);
    auto *cache = new QHBoxLayout;
    cache->setSpacing(space::group);
    cache->addWidget(m_limit);
    cache->addWidget(m_used);
    cache->addWidget(m_clear);
    cache->addStretch(1);
    form->addRow(tr("Embedding cache"), cache);

    connect(m_base, &QLineEdit::editingFinished, this, [this] {
        hub::Settings wanted = m_settings;
        wanted.hubBase = m_base->text().trimmed().toStdString();
        if (wanted.hubBase != m_settings.hubBase)
            keep(wanted);
    });
    connect(m_offline, &QCheckBox::clicked, this, [this](bool on) {
        hub::Settings wanted = m_settings;
        wanted.offline = on;
        keep(wanted);
    });
    connect(m_limit, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        hub::Settings wanted = m_settings;
        wanted.embeddingCacheBytes = std::llround(value * gibibyte);
        keep(wanted);
        m_cache->run([limit = wanted.embeddingCacheBytes](
                         std::stop_token, const ProgressFn &) { embed::EmbeddingCache().setLimit(limit); },
                     [this] { showUsage(); });
    });
    connect(m_clear, &QToolButton::clicked, this, [this] {
        m_cache->run([](std::stop_token, const ProgressFn &) { embed::EmbeddingCache().clear(); },
                     [this] { showUsage(); });
    });
    show();
}

void EncoderSettings::load()
{
    try {
        m_settings = hub::loadSettings();
    } catch (const std::exception &error) {
        Q_EMIT failed(describe(error));
    }
    show();
    showUsage();
}

void EncoderSettings::show()
{
    const QString now = QString::fromStdString(m_settings.hubBase);
    if (m_base->text() != now)
        m_base->setText(now);
    hub::Settings byDefault = m_settings;
    byDefault.hubBase.clear();
    try {
        m_base->setPlaceholderText(QString::fromStdString(hub::hubFor(byDefault).base));
    } catch (const std::exception &) { // HF_ENDPOINT is odd; asking the hub says so
        m_base->setPlaceholderText(QStringLiteral("https://huggingface.co"));
    }
    const QString forced = QString::fromStdString(hub::offlineReason());
    m_offline->setChecked(m_settings.offline || !forced.isEmpty());
    m_offline->setEnabled(forced.isEmpty());
    m_offline->setToolTip(forced.isEmpty() ? tr("HF_HUB_OFFLINE=1 and APIARY_OFFLINE=1 do the same") : forced);
    const QSignalBlocker quiet(m_limit);
    m_limit->setValue(static_cast<double>(m_settings.embeddingCacheBytes) / gibibyte);
}

void EncoderSettings::showUsage()
{
    m_cache->run([](std::stop_token, const ProgressFn &) { return embed::EmbeddingCache().bytes(); },
                 [this](std::int64_t bytes) {
                     m_used->setText(tr("used %1").arg(format::memory(bytes)));
                     m_clear->setEnabled(bytes > 0);
                 });
}

void EncoderSettings::keep(const hub::Settings &settings)
{
    try {
        if (!settings.hubBase.empty())
            hub::hubFor(settings); // refuses what is no address
        hub::saveSettings(settings);
        m_settings = settings;
        Q_EMIT changed();
    } catch (const std::exception &error) {
        Q_EMIT failed(describe(error));
    }
    show();
}

} // namespace apiary::widgets
