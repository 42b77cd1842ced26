package io.levada.catalog.glue;

import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.glue.model.CreateTableRequest;
import software.amazon.awssdk.services.glue.model.OperationTimeoutException;
import software.amazon.awssdk.services.glue.model.UpdateTableRequest;

/// Tells a change of a table that Glue has refused from one that it may have carried out.
///
/// Iceberg's GlueTableOperations takes every answer of the service to a first attempt for a refusal, also a 500 and an
/// `OperationTimeoutException`, and deletes the metadata that the table may by then consist of. And what a later
/// attempt is refused for, such as expired credentials, it takes for the fate of all attempts.
///
/// Here each attempt of a request counts: a request is refused only where Glue refused every one. Of all others the
/// failure becomes one of the client, which Iceberg does not judge by: it looks at the table, deletes nothing, and
/// where that does not tell, says that the state is unknown.
final class UnknownOutcomes implements ExecutionInterceptor {
    /// Attempts that were sent and not refused.
    private static final ExecutionAttribute<AtomicInteger> IN_DOUBT = new ExecutionAttribute<>("LevadaInDoubt");

    @Override
    public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
        attributes.putAttribute(IN_DOUBT, new AtomicInteger());
    }

    @Override
    public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
        attributes.getAttribute(IN_DOUBT).incrementAndGet();
    }

    @Override
    public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
        if (isRefusal(context.httpResponse().statusCode())) {
            attributes.getAttribute(IN_DOUBT).decrementAndGet();
        }
    }

    @Override
    public Throwable modifyException(Context.FailedExecution context, ExecutionAttributes attributes) {
        AtomicInteger inDoubt = attributes.getAttribute(IN_DOUBT);
        if (changesATable(context.request())
                && context.exception() instanceof AwsServiceException answer
                && inDoubt != null
                && (inDoubt.get() > 0 || answer instanceof OperationTimeoutException)) {
            return SdkClientException.create(
                    "Glue may have carried out the request: an attempt had no answer or one that does not say ("
                            + answer.getMessage() + ")",
                    answer);
        }
        return context.exception();
    }

    private static boolean isRefusal(int status) {
        return status >= 400 && status < 500;
    }

    private static boolean changesATable(SdkRequest request) {
        return request instanceof UpdateTableRequest || request instanceof CreateTableRequest;
    }
}
