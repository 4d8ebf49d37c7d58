import { Fn, TerraformResource } from 'cdktf';
import { Construct } from 'constructs';

/** Digits that are made once and then kept in the state: Terraform's own `terraform_data`, which needs no provider. */
export class Once extends TerraformResource {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      terraformResourceType: 'terraform_data',
      lifecycle: { ignoreChanges: ['input'] },
    });
  }

  /** 8 hex digits. */
  public get hex(): string {
    return Fn.substr(this.getStringAttribute('output'), 0, 8);
  }

  protected synthesizeAttributes(): { [name: string]: any } {
    return { input: Fn.uuid() };
  }

  protected synthesizeHclAttributes(): { [name: string]: any } {
    return { input: { value: Fn.uuid(), isBlock: false, type: 'simple', storageClassType: 'string' } };
  }
}
