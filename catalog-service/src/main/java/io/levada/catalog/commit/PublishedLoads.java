package io.levada.catalog.commit;

import io.levada.catalog.BegunLoads;
import io.levada.catalog.UnsettledEvents;
import io.levada.events.Layer;
import io.levada.events.TableProperties;
import io.levada.events.Topics;
import org.apache.iceberg.Table;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Loads as sources publish them with their positions: from when one is wanted until all of it is offered. What is
/// offered is an event that is not settled until the table holds it.
final class PublishedLoads implements BegunLoads {
    private static final Logger LOG = LoggerFactory.getLogger(PublishedLoads.class);

    private final PublishedPositions positions;
    private final UnsettledEvents events;

    PublishedLoads(PublishedPositions positions, UnsettledEvents events) {
        this.positions = positions;
        this.events = events;
    }

    @Override
    public boolean mayBeLoading(String name, Table table) {
        String source = table.properties().get(TableProperties.SOURCE);
        String prefix = Layer.RAW.namespace() + "." + source + "_";
        return source == null
                || !name.startsWith(prefix)
                // In this order: what is offered in between is an event.
                || positions.mayBeLoading(source, Topics.changes(source, name.substring(prefix.length())))
                || isOffered(name);
    }

    private boolean isOffered(String name) {
        boolean[] offered = {false};
        try {
            events.read(event -> offered[0] |= event.table().equals(name)
                    && (event.event() == null || event.event().chunk() != null));
        } catch (KafkaException e) {
            LOG.atInfo().setCause(e).addKeyValue("table", name).log("It is not known what is on its way into a table");
            return true;
        }
        return offered[0];
    }
}
