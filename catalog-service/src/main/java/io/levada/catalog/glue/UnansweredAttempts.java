package io.levada.catalog.glue;

import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/// Counts those attempts of a request that were sent and not refused: they had no answer, or one that does not say what
/// became of them. A request is counted where it [brings][#counting] the count with it.
final class UnansweredAttempts implements ExecutionInterceptor {
    private static final ExecutionAttribute<AtomicInteger> COUNT = new ExecutionAttribute<>("LevadaUnanswered");

    /// For one request: counts its attempts in `count`.
    static AwsRequestOverrideConfiguration counting(AtomicInteger count) {
        return AwsRequestOverrideConfiguration.builder()
                .putExecutionAttribute(COUNT, count)
                .build();
    }

    @Override
    public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
        AtomicInteger count = attributes.getAttribute(COUNT);
        if (count != null) {
            count.incrementAndGet();
        }
    }

    @Override
    public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
        AtomicInteger count = attributes.getAttribute(COUNT);
        if (count != null && isRefusal(context.httpResponse().statusCode())) {
            count.decrementAndGet();
        }
    }

    private static boolean isRefusal(int status) {
        return status >= 400 && status < 500;
    }
}
