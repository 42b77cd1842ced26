/// What Levada's services say to one another: topic names, control events (past tense), the change-event envelope.
///
/// Control events are CloudEvents 1.0 in Kafka's binary content mode: the JSON of the record is the value, the
/// attributes are headers ([CloudEventHeaders]). The records map to JSON by their component names; every one is
/// immutable.
@NullMarked
package io.levada.events;

import org.jspecify.annotations.NullMarked;
