//! SAM policy templates: the common ones, with the actions and resources the SAM transform gives them.

use super::stack::Stack;
use crate::model::Statement;

/// Actions, and resources in which `{p}` is the template's parameter, `{region}` and `{account}` the stack's.
type Grant = (&'static [&'static str], &'static [&'static str]);

struct Template {
    name: &'static str,
    /// Name of its parameter; empty when it has none.
    parameter: &'static str,
    grants: &'static [Grant],
}

const TABLE: &[&str] =
    &["arn:aws:dynamodb:{region}:{account}:table/{p}", "arn:aws:dynamodb:{region}:{account}:table/{p}/index/*"];
const BUCKET: &[&str] = &["arn:aws:s3:::{p}", "arn:aws:s3:::{p}/*"];
const QUEUE: &[&str] = &["arn:aws:sqs:{region}:{account}:{p}"];
const KEY: &[&str] = &["arn:aws:kms:{region}:{account}:key/{p}"];
const ANY: &[&str] = &["*"];

const TEMPLATES: &[Template] = &[
    Template {
        name: "DynamoDBCrudPolicy",
        parameter: "TableName",
        grants: &[(
            &[
                "dynamodb:GetItem",
                "dynamodb:DeleteItem",
                "dynamodb:PutItem",
                "dynamodb:Scan",
                "dynamodb:Query",
                "dynamodb:UpdateItem",
                "dynamodb:BatchWriteItem",
                "dynamodb:BatchGetItem",
                "dynamodb:DescribeTable",
                "dynamodb:ConditionCheckItem",
            ],
            TABLE,
        )],
    },
    Template {
        name: "DynamoDBReadPolicy",
        parameter: "TableName",
        grants: &[(
            &["dynamodb:GetItem", "dynamodb:Scan", "dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:DescribeTable"],
            TABLE,
        )],
    },
    Template {
        name: "DynamoDBWritePolicy",
        parameter: "TableName",
        grants: &[(&["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"], TABLE)],
    },
    Template {
        name: "S3ReadPolicy",
        parameter: "BucketName",
        grants: &[(
            &[
                "s3:GetObject",
                "s3:ListBucket",
                "s3:GetBucketLocation",
                "s3:GetObjectVersion",
                "s3:GetLifecycleConfiguration",
            ],
            BUCKET,
        )],
    },
    Template {
        name: "S3WritePolicy",
        parameter: "BucketName",
        grants: &[(&["s3:PutObject", "s3:PutObjectAcl", "s3:PutLifecycleConfiguration"], BUCKET)],
    },
    Template {
        name: "S3CrudPolicy",
        parameter: "BucketName",
        grants: &[(
            &[
                "s3:GetObject",
                "s3:ListBucket",
                "s3:GetBucketLocation",
                "s3:GetObjectVersion",
                "s3:PutObject",
                "s3:PutObjectAcl",
                "s3:GetLifecycleConfiguration",
                "s3:PutLifecycleConfiguration",
                "s3:DeleteObject",
            ],
            BUCKET,
        )],
    },
    Template {
        name: "SQSPollerPolicy",
        parameter: "QueueName",
        grants: &[(
            &[
                "sqs:ChangeMessageVisibility",
                "sqs:ChangeMessageVisibilityBatch",
                "sqs:DeleteMessage",
                "sqs:DeleteMessageBatch",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
            ],
            QUEUE,
        )],
    },
    Template { name: "SQSSendMessagePolicy", parameter: "QueueName", grants: &[(&["sqs:SendMessage*"], QUEUE)] },
    Template {
        name: "SNSPublishMessagePolicy",
        parameter: "TopicName",
        grants: &[(&["sns:Publish"], &["arn:aws:sns:{region}:{account}:{p}"])],
    },
    Template {
        name: "LambdaInvokePolicy",
        parameter: "FunctionName",
        grants: &[(&["lambda:InvokeFunction"], &["arn:aws:lambda:{region}:{account}:function:{p}*"])],
    },
    Template {
        name: "AWSSecretsManagerGetSecretValuePolicy",
        parameter: "SecretArn",
        grants: &[(&["secretsmanager:GetSecretValue"], &["{p}"])],
    },
    Template {
        name: "SSMParameterReadPolicy",
        parameter: "ParameterName",
        grants: &[
            (&["ssm:DescribeParameters"], ANY),
            (
                &["ssm:GetParameters", "ssm:GetParameter", "ssm:GetParametersByPath"],
                &["arn:aws:ssm:{region}:{account}:parameter/{p}"],
            ),
        ],
    },
    Template { name: "KMSDecryptPolicy", parameter: "KeyId", grants: &[(&["kms:Decrypt"], KEY)] },
    Template { name: "KMSEncryptPolicy", parameter: "KeyId", grants: &[(&["kms:Encrypt"], KEY)] },
    Template { name: "CloudWatchPutMetricPolicy", parameter: "", grants: &[(&["cloudwatch:PutMetricData"], ANY)] },
    Template {
        name: "EventBridgePutEventsPolicy",
        parameter: "EventBusName",
        grants: &[(&["events:PutEvents"], &["arn:aws:events:{region}:{account}:event-bus/{p}"])],
    },
    Template {
        name: "StepFunctionsExecutionPolicy",
        parameter: "StateMachineName",
        grants: &[(&["states:StartExecution"], &["arn:aws:states:{region}:{account}:stateMachine:{p}"])],
    },
    Template {
        name: "SESCrudPolicy",
        parameter: "IdentityName",
        grants: &[(
            &["ses:GetIdentityVerificationAttributes", "ses:SendEmail", "ses:SendRawEmail", "ses:VerifyEmailIdentity"],
            &["arn:aws:ses:{region}:{account}:identity/{p}"],
        )],
    },
];

/// Templates of services that nothing here stands in for: they are known, and allow nothing that could be asked.
const OTHERS: &[&str] = &[
    "AMIDescribePolicy",
    "AWSSecretsManagerRotationPolicy",
    "AcmGetCertificatePolicy",
    "AthenaQueryPolicy",
    "CloudFormationDescribeStacksPolicy",
    "CloudWatchDashboardPolicy",
    "CloudWatchDescribeAlarmHistoryPolicy",
    "CodeCommitCrudPolicy",
    "CodeCommitReadPolicy",
    "CodePipelineLambdaExecutionPolicy",
    "CodePipelineReadOnlyPolicy",
    "ComprehendBasicAccessPolicy",
    "CostExplorerReadOnlyPolicy",
    "DynamoDBBackupFullAccessPolicy",
    "DynamoDBReconfigurePolicy",
    "DynamoDBRestoreFromBackupPolicy",
    "DynamoDBStreamReadPolicy",
    "EC2CopyImagePolicy",
    "EC2DescribePolicy",
    "EFSWriteAccessPolicy",
    "EKSDescribePolicy",
    "EcsRunTaskPolicy",
    "ElasticMapReduceAddJobFlowStepsPolicy",
    "ElasticMapReduceCancelStepsPolicy",
    "ElasticMapReduceModifyInstanceFleetPolicy",
    "ElasticMapReduceModifyInstanceGroupsPolicy",
    "ElasticMapReduceSetTerminationProtectionPolicy",
    "ElasticMapReduceTerminateJobFlowsPolicy",
    "ElasticsearchHttpPostPolicy",
    "FilterLogEventsPolicy",
    "FirehoseCrudPolicy",
    "FirehoseWritePolicy",
    "KMSEncryptPolicy_v2",
    "KinesisCrudPolicy",
    "KinesisStreamReadPolicy",
    "MobileAnalyticsWriteOnlyAccessPolicy",
    "OrganizationsListAccountsPolicy",
    "PinpointEndpointAccessPolicy",
    "PollyFullAccessPolicy",
    "RekognitionDetectOnlyPolicy",
    "RekognitionFacesManagementPolicy",
    "RekognitionFacesPolicy",
    "RekognitionLabelsPolicy",
    "RekognitionNoDataAccessPolicy",
    "RekognitionReadPolicy",
    "RekognitionWriteOnlyAccessPolicy",
    "Route53ChangeResourceRecordSetsPolicy",
    "S3FullAccessPolicy",
    "SESBulkTemplatedCrudPolicy",
    "SESBulkTemplatedCrudPolicy_v2",
    "SESEmailTemplateCrudPolicy",
    "SESSendBouncePolicy",
    "SNSCrudPolicy",
    "SSMParameterWithSlashPrefixReadPolicy",
    "SageMakerCreateEndpointConfigPolicy",
    "SageMakerCreateEndpointPolicy",
    "ServerlessRepoReadWriteAccessPolicy",
    "StepFunctionsCallbackPolicy",
    "StepFunctionsExecutionPolicy_v2",
    "TextractDetectAnalyzePolicy",
    "TextractGetResultPolicy",
    "TextractPolicy",
    "VPCAccessPolicy",
];

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TEMPLATES.iter().map(|template| template.name).chain(OTHERS.iter().copied())
}

/// Statements of a policy template; `None` when there is none of that name. `parameter` gives the value passed for a
/// parameter, and reports its lack itself.
pub(super) fn expand(
    stack: &Stack<'_>,
    name: &str,
    parameter: impl Fn(&str) -> Option<String>,
) -> Option<Vec<Statement>> {
    if OTHERS.contains(&name) {
        return Some(Vec::new());
    }
    let template = TEMPLATES.iter().find(|template| template.name == name)?;
    let value = match template.parameter {
        "" => String::new(),
        required => match parameter(required) {
            Some(value) => value,
            None => return Some(Vec::new()),
        },
    };
    let settings = stack.reader.settings;
    let filled = |pattern: &&str| {
        let place = pattern.replace("{region}", &settings.region).replace("{account}", &settings.account_id);
        place.replace("{p}", &value)
    };
    let statement = |(actions, resources): &Grant| Statement {
        allow: true,
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        resources: resources.iter().map(filled).collect(),
        ..Statement::default()
    };
    Some(template.grants.iter().map(statement).collect())
}
