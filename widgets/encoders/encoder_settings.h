#pragma once

#include "hub/library.h"

#include <QWidget>

class QCheckBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QToolButton;

namespace apiary::widgets {

class TaskRunner;

/// The settings that belong to no project: hub, offline mode, the embedding cache. A change is kept at once.
class EncoderSettings : public QWidget {
    Q_OBJECT
public:
    explicit EncoderSettings(QWidget *parent = nullptr);

    const hub::Settings &settings() const { return m_settings; }
    void load();      ///< from HOME/settings.json
    void showUsage(); ///< looks up how much the cache holds

Q_SIGNALS:
    void changed();
    void failed(const QString &text);

private:
    void keep(const hub::Settings &settings);
    void show();

    hub::Settings m_settings;
    TaskRunner *m_cache;
    QLineEdit *m_base;
    QCheckBox *m_offline;
    QDoubleSpinBox *m_limit;
    QLabel *m_used;
    QToolButton *m_clear;
};

} // namespace apiary::widgets
