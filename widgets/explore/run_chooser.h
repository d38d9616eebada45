#pragma once

#include <QComboBox>

namespace apiary::widgets {

class ProjectSession;

/// Chooses the run that Explore and Compare show.
class RunChooser : public QComboBox {
    Q_OBJECT
public:
    explicit RunChooser(ProjectSession *session, QWidget *parent = nullptr);

private:
    void fill();

    ProjectSession *m_session;
};

} // namespace apiary::widgets
