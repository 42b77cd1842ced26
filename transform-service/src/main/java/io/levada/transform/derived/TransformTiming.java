package io.levada.transform.derived;

import java.time.Duration;

/// How long the loop waits for what.
///
/// @param quiet a table is looked at once its inputs were not committed to for this long
/// @param longestDelay or after this long, if they never are quiet
/// @param look every table is looked at this often, whatever was said of it
/// @param offerLook how often the result of an offer is looked for
/// @param offerWait after this long an offer is thought lost and the table looked at anew; doubled each time
/// @param firstRetry wait after a failure; doubled each time
/// @param longestRetry the longest wait after a failure
public record TransformTiming(
        Duration quiet,
        Duration longestDelay,
        Duration look,
        Duration offerLook,
        Duration offerWait,
        Duration firstRetry,
        Duration longestRetry) {
    public static final TransformTiming DEFAULT = new TransformTiming(
            Duration.ofMillis(200),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            Duration.ofMinutes(1));
}
