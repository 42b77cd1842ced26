package io.levada.catalog.erasure;

import io.levada.catalog.maintenance.Problem;
import org.jspecify.annotations.Nullable;

/// An order and what it is at, as `GET /v1/erasures` shows it.
///
/// @param waitingFor what comes first, for people; empty where nothing does
/// @param problem what stood in the way of the last step; null where nothing did
record ErasureStatus(
        Erasure erasure, String waitingFor, @Nullable Problem problem) {
    static ErasureStatus of(Erasure erasure) {
        return new ErasureStatus(erasure, "", null);
    }

    boolean isDone() {
        return erasure.stage() == Erasure.Stage.DONE;
    }
}
