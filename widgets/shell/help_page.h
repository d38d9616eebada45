#pragma once

#include "widgets/shell/page.h"

class QTextBrowser;

namespace apiary::widgets {

/// The manual, in the window.
class HelpPage : public Page {
    Q_OBJECT
public:
    explicit HelpPage(QWidget *parent = nullptr);
    QWidget *firstFocus() const override;

private:
    void render();
    QTextBrowser *m_text;
};

} // namespace apiary::widgets
