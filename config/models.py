"""Every models module, imported so that the metadata is whole."""

from alerts.canaries import models as canaries
from alerts.casework import models as casework
from alerts.conversation import models as conversation
from alerts.delivery import models as deliveries
from alerts.family import models as family
from alerts.inbox import models as inbox
from alerts.lifecycle import models as alerts
from alerts.outgoing import models as outgoing
from alerts.reports import models as reports
from alerts.responses import models as responses
from alerts.sandbox import models as sandbox
from registry.audit import models as audit
from registry.browsers import models as browsers
from registry.custody import models as custody
from registry.database import Base
from registry.events import models as events
from registry.exports import models as exports
from registry.factors import models as factors
from registry.imports import models as imports
from registry.notices import models as notices
from registry.organisations import models as organisations
from registry.people import erasures
from registry.people import models as people
from registry.sharing import models as sharing
from registry.staff import models as staff

metadata = Base.metadata

__all__ = [
    "alerts",
    "audit",
    "browsers",
    "canaries",
    "casework",
    "conversation",
    "custody",
    "deliveries",
    "erasures",
    "events",
    "exports",
    "factors",
    "family",
    "imports",
    "inbox",
    "metadata",
    "notices",
    "organisations",
    "outgoing",
    "people",
    "reports",
    "responses",
    "sandbox",
    "sharing",
    "staff",
]
