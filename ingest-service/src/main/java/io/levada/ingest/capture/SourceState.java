package io.levada.ingest.capture;

import io.levada.events.PublishedPosition;
import io.levada.events.Topics;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// What is known of one source from its compacted topic, which has an entry by key for each: its position, the plans
/// of its loads, the tables that are wanted in newer ones, how its tables looked, the columns of its collections, and
/// what operators said.
///
/// An entry is noted once it is durable. Safe for use by several threads.
final class SourceState {
    private static final String POSITION_KEY = "position";
    private static final String LOAD_KEY_PREFIX = "load/";
    private static final String RELOAD_KEY_PREFIX = "reload/";
    private static final String FORM_KEY_PREFIX = "form/";
    private static final String COLUMNS_KEY_PREFIX = "columns/";
    private static final String CONTROL_KEY = "control";

    private final String source;
    private final JsonMapper json = JsonMapper.shared();
    private final Map<String, LoadPlan> plans = new ConcurrentHashMap<>();
    private final Map<String, ReloadRequest> reloads = new ConcurrentHashMap<>();
    private final Map<String, TableForm> forms = new ConcurrentHashMap<>();
    private final Map<String, DocumentColumns> columns = new ConcurrentHashMap<>();
    private volatile Set<String> present = Set.of();
    private volatile SourceControl control = SourceControl.RUNNING;
    private volatile @Nullable CapturePosition position;

    SourceState(String source) {
        this.source = source;
    }

    /// The key under which an entry is stored; what is stored under it later replaces it.
    ///
    /// @throws IllegalArgumentException for what is no entry
    static String key(Record entry) {
        return switch (entry) {
            case CapturePosition _ -> POSITION_KEY;
            case PublishedPosition _ -> PublishedPosition.KEY;
            case LoadPlan plan -> LOAD_KEY_PREFIX + plan.table();
            case ReloadRequest request -> RELOAD_KEY_PREFIX + request.table();
            case TableForm form -> FORM_KEY_PREFIX + form.table();
            case DocumentColumns decided -> COLUMNS_KEY_PREFIX + decided.table();
            case SourceControl _ -> CONTROL_KEY;
            default -> throw new IllegalArgumentException(entry.getClass() + " is no entry of a source");
        };
    }

    /// Notes an entry as it is stored. What only others read is passed over.
    void read(String key, byte[] value) {
        if (key.equals(POSITION_KEY)) {
            note(json.readValue(value, CapturePosition.class));
        } else if (key.startsWith(LOAD_KEY_PREFIX)) {
            note(json.readValue(value, LoadPlan.class));
        } else if (key.startsWith(RELOAD_KEY_PREFIX)) {
            note(json.readValue(value, ReloadRequest.class));
        } else if (key.startsWith(FORM_KEY_PREFIX)) {
            note(json.readValue(value, TableForm.class));
        } else if (key.startsWith(COLUMNS_KEY_PREFIX)) {
            note(json.readValue(value, DocumentColumns.class));
        } else if (key.equals(CONTROL_KEY)) {
            note(json.readValue(value, SourceControl.class));
        }
    }

    void note(Record entry) {
        switch (entry) {
            case CapturePosition at -> position = at;
            case LoadPlan plan -> plans.put(plan.table(), plan);
            case ReloadRequest request -> reloads.put(request.table(), request);
            case TableForm form -> forms.put(form.table(), form);
            case DocumentColumns decided -> columns.put(decided.table(), decided);
            case SourceControl said -> control = said;
            default -> throw new IllegalArgumentException(entry.getClass() + " is no entry that is read again");
        }
    }

    /// Says which tables the source has now.
    void present(Set<String> tables) {
        present = Set.copyOf(tables);
    }

    /// Empty before the source was ever planned.
    Optional<CapturePosition> position() {
        return Optional.ofNullable(position);
    }

    Optional<LoadPlan> plan(String table) {
        return Optional.ofNullable(plans.get(table));
    }

    /// Names of the tables that ever had a plan.
    Set<String> plannedTables() {
        return Set.copyOf(plans.keySet());
    }

    /// Why a table is wanted in a newer load than its plan; empty where it is not.
    Optional<String> reloadReason(String table) {
        ReloadRequest request = reloads.get(table);
        return plan(table)
                .filter(plan -> request != null && plan.generation() <= request.above())
                .map(_ -> Objects.requireNonNull(request).reason());
    }

    Optional<TableForm> form(String table) {
        return Optional.ofNullable(forms.get(table));
    }

    Optional<DocumentColumns> columns(String table) {
        return Optional.ofNullable(columns.get(table));
    }

    SourceControl control() {
        return control;
    }

    /// The position as others read it. A table that is not captured now, or is to be loaded again, is complete to
    /// nothing new: no table ever reaches the end that is given for it.
    PublishedPosition published(CapturePosition at) {
        PublishedPosition all = at.published(source);
        Map<String, Long> ends = new HashMap<>(all.ends());
        Set<String> loading = new HashSet<>();
        for (LoadPlan plan : plans.values()) {
            String topic = Topics.changes(source, plan.table());
            boolean again = reloadReason(plan.table()).isPresent() || (plan.generation() > 1 && !plan.written());
            if (again) {
                loading.add(topic);
            }
            if (again || !present.contains(plan.table())) {
                ends.put(topic, Long.MAX_VALUE);
            } else if (plan.generation() > 1) {
                ends.putIfAbsent(topic, 0L);
            }
        }
        return new PublishedPosition(all.source(), all.order(), all.position(), all.commitTime(), ends, loading);
    }
}
